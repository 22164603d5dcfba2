import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { judge } from '../../judge/judge.ts';
import { readPlan } from '../../plan/files.ts';
import { parseDuration } from '../../plan/parse.ts';
import type { Plan } from '../../plan/plan.ts';
import { exitCodes } from '../../record/result.ts';
import { checkFile, FILE_OPTIONS, flagOf, type CheckOptions } from '../check-file.ts';
import { loadWorkload, workloadFile } from '../plugins.ts';
import { printResult } from '../print.ts';
import { draw } from '../run.ts';
import { folderOf } from './report.ts';

/** `labrys check`: judges what was recorded, exactly, as often as one likes. Needs no cluster. */
export async function check(path: string, options: CheckOptions): Promise<number> {
  if (existsSync(path) && statSync(path).isFile()) return checkFile(path, options);
  if (!existsSync(path) && !existsSync(join(options.results ?? 'results', path)))
    throw new UsageError(`${path}: there is no such file, and no such run`, {
      hint: 'Name a history file by its path, or a run as `labrys list runs` shows it.',
    });
  const [only] = FILE_OPTIONS.filter((option) => options[option] !== undefined);
  if (only !== undefined)
    throw new UsageError(`${flagOf(only)}: is for history files, and ${path} is none`, {
      hint: 'What a run is held to is its workload’s business, and in its plan.json.',
    });
  const folder = folderOf(path, options.results ?? 'results');
  if (!existsSync(join(folder, 'history.jsonl')))
    throw new UsageError(`${folder}: has no history.jsonl`, {
      hint: 'Its nodes never came up; run.log says why.',
    });
  const plan = within(options.checkBudget, readPlan(folder));
  const { name } = plan.workload;
  const result = await judge(folder, { workload: await loadWorkload(name), file: workloadFile(name), plan });
  await draw(folder, { plan, result }, { say: (line) => void process.stderr.write(`${line}\n`) });
  printResult(plan, result, folder, options);
  return exitCodes[result.verdict];
}

/** The plan, with another time to look for the verdict. */
function within(budget: string | undefined, plan: Plan): Plan {
  if (budget === undefined) return plan;
  return { ...plan, check: { ...plan.check, seconds: parseDuration(budget, '--check-budget') / 1000 } };
}

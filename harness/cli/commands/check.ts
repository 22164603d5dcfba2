import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { judge } from '../../judge/judge.ts';
import { readPlan } from '../../plan/files.ts';
import { parseDuration } from '../../plan/parse.ts';
import { exitCodes } from '../../record/result.ts';
import { workloadFile } from '../plugins.ts';
import { printResult } from '../print.ts';
import { draw } from '../run.ts';
import { folderOf } from './report.ts';

export interface CheckOptions {
  readonly model?: string;
  readonly format?: string;
  readonly checkBudget?: string;
  readonly results?: string;
  readonly json?: boolean;
}

/** `labrys check`: judges what was recorded, exactly, as often as one likes. Needs no cluster. */
export async function check(path: string, options: CheckOptions): Promise<number> {
  if (existsSync(path) && statSync(path).isFile()) {
    const { checkFile } = await import('../check-file.ts');
    return checkFile(path, options);
  }
  const folder = folderOf(path, options.results ?? 'results');
  if (!existsSync(join(folder, 'history.jsonl')))
    throw new UsageError(`${folder}: has no history.jsonl`, {
      hint: 'Its nodes never came up; run.log says why.',
    });
  const plan = readPlan(folder);
  const seconds =
    options.checkBudget === undefined
      ? undefined
      : parseDuration(options.checkBudget, '--check-budget') / 1000;
  const result = await judge(folder, {
    workload: workloadFile(plan.workload.name),
    ...(seconds === undefined ? {} : { budget: { seconds } }),
  });
  await draw(folder, { plan, result }, { say: (line) => void process.stderr.write(`${line}\n`) });
  printResult(plan, result, folder, options);
  return exitCodes[result.verdict];
}

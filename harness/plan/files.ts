import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Plan } from './plan.ts';
import { problemsOfPlan } from './validate.ts';

/** Makes the run's folder under `results` and writes its plan there, before anything else is done. Answers the folder. */
export function writePlan(results: string, plan: Plan): string {
  const folder = join(results, plan.run);
  try {
    mkdirSync(results, { recursive: true });
    mkdirSync(folder);
    const fd = openSync(join(folder, 'plan.json'), 'wx');
    writeSync(fd, `${JSON.stringify(plan, null, 2)}\n`);
    fsyncSync(fd);
    closeSync(fd);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const twice = code === 'EEXIST' && existsSync(join(folder, 'plan.json'));
    const why = twice ? 'a run of this name is there already' : message;
    throw new EnvironmentError(`${folder} cannot be written: ${why}`, {
      cause,
      hint: twice ? 'Wait a second, or choose another seed.' : 'Choose another folder with --results.',
    });
  }
  return folder;
}

/** Reads the plan of a run's folder. What is wrong with it is said all at once. */
export function readPlan(folder: string): Plan {
  const path = join(folder, 'plan.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      missing
        ? `${folder} is not the folder of a run: it has no plan.json`
        : `${path}: ${(cause as Error).message}`,
      { cause, hint: '`npx labrys list runs` shows the runs there are.' },
    );
  }
  const problems = problemsOfPlan(value);
  if (problems.length > 0)
    throw new UsageError(`${path} is not a plan:\n${problems.map((line) => `  - ${line}`).join('\n')}`, {
      hint: 'Repeat the run from its command line, or mend the file.',
    });
  return value as Plan;
}

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Plan } from './plan.ts';
import { problemsOfPlan } from './validate.ts';

/** A run that has a folder, and the plan that is written there. */
export interface Begun {
  readonly folder: string;
  readonly plan: Plan;
}

/** So many runs of the same seed may begin in the same second. */
const alikeMax = 100;

/**
 * Makes the run's folder under `results` and writes its plan there, before anything else is done. Where another run of the
 * same name has begun in the same second, this one is called `…-2`: its plan says so.
 */
export function writePlan(results: string, drawn: Plan): Begun {
  try {
    makeFolder(results);
    const { folder, plan } = takeName(results, drawn);
    const fd = openSync(join(folder, 'plan.json'), 'wx');
    writeSync(fd, `${JSON.stringify(plan, null, 2)}\n`);
    fsyncSync(fd);
    closeSync(fd);
    return { folder, plan };
  } catch (cause) {
    throw new EnvironmentError(
      `${join(results, drawn.run)} cannot be written: ${(cause as NodeJS.ErrnoException).message}`,
      { cause, hint: 'Is the disk full, or the folder not ours? --results DIR names another.' },
    );
  }
}

/**
 * Makes a folder and those above it that are missing, one by one. Node's own `recursive` never returns where the kernel says
 * that a folder's parent is missing although it is there, as /proc does.
 */
function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) mkdirSync(folder);
}

function takeName(results: string, drawn: Plan): Begun {
  for (let alike = 1; ; alike++) {
    const plan = alike === 1 ? drawn : { ...drawn, run: `${drawn.run}-${alike}` };
    const folder = join(results, plan.run);
    try {
      // The kernel makes each folder once, whoever else asks for it at the same time.
      mkdirSync(folder);
      return { folder, plan };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || alike === alikeMax) throw cause;
    }
  }
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

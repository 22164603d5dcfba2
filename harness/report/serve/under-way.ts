import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../plan/plan.ts';

/** A run that has no verdict yet, and whose record still grows. */
export interface UnderWay {
  readonly folder: string;
  readonly plan: Plan;
}

/** A run writes at least a mark in so long, or its nodes do. */
const QUIET_MS = 15_000;

export async function underWay(results: string): Promise<readonly UnderWay[]> {
  const found = await Promise.all(
    (await readdir(results, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(async ({ name: folder }) => {
        const path = join(results, folder);
        if (await modified(join(path, 'result.json'))) return undefined;
        const last = Math.max(
          ...(await Promise.all(
            ['history.jsonl', 'run.log', 'plan.json'].map((name) => modified(join(path, name))),
          )),
        );
        // The clock of files is what they are compared with: no decision of a run depends on it.
        if (Date.now() - last > QUIET_MS) return undefined;
        const plan = await planOf(path).catch(() => undefined);
        return plan && { folder, plan };
      }),
  );
  return found.filter((run) => run !== undefined);
}

/** Written by the harness in one piece, before anything else of the run. */
export async function planOf(folder: string): Promise<Plan> {
  return JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as Plan;
}

/** When it was last written to, in milliseconds since 1970; 0 where there is no such file. */
async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

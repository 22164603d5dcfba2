import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { renderRun } from '../../report/report.ts';
import { renderResults } from '../../report/results-page.ts';

/** `labrys report`: draws from what a run left, on any machine. A verdict is read, never changed. */
export async function report(
  runs: readonly string[],
  options: { results?: string; json?: boolean },
): Promise<number> {
  const results = options.results ?? 'results';
  const folders = runs.length > 0 ? runs.map((run) => folderOf(run, results)) : judged(results);
  const pages: string[] = [];
  for (const folder of folders) pages.push(await renderRun(folder));
  if (existsSync(results)) pages.push(await renderResults(results));
  process.stdout.write(
    options.json ? `${JSON.stringify({ reports: pages })}\n` : pages.map((page) => `${page}\n`).join(''),
  );
  return 0;
}

/** A run is named by its folder, or by its name inside the results. */
export function folderOf(run: string, results: string): string {
  const folder = [run, join(results, run)].find((path) => existsSync(join(path, 'plan.json')));
  if (folder === undefined)
    throw new UsageError(`${run}: not the folder of a run: it has no plan.json`, {
      hint: 'Run `labrys list runs` to see them.',
    });
  return folder;
}

const judged = (results: string): string[] =>
  existsSync(results)
    ? readdirSync(results)
        .map((run) => join(results, run))
        .filter((folder) => existsSync(join(folder, 'result.json')))
    : [];

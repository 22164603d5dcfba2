import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { comparePage } from '../../report/compare/compare.ts';
import { readRun } from '../../report/run-files.ts';
import { folderOf } from './report.ts';

/** `labrys compare`: a page with two runs side by side. */
export async function compare(
  first: string,
  second: string,
  options: { results?: string; to?: string; json?: boolean },
): Promise<number> {
  const results = options.results ?? 'results';
  const folders = [first, second].map((run) => folderOf(run, results)) as [string, string];
  const [a, b] = await Promise.all([readRun(folders[0]), readRun(folders[1])]);
  const [nameA, nameB] = folders.map((folder) => basename(resolve(folder)));
  const path = options.to ?? join(results, `compare-${nameA}-${nameB}.html`);
  writeFileSync(path, comparePage(a, b));
  process.stdout.write(options.json ? `${JSON.stringify({ path })}\n` : `${path}\n`);
  return 0;
}

import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { html } from './html.ts';
import { readVerdict } from './run-files.ts';
import { order, runList, tally, type Found } from './sections/run-list.ts';
import { brand, themeChoice } from './sections/top.ts';
import { shell } from './shell.ts';

/**
 * Draws `index.html` of a folder of results: every judged run, with its verdict in a sentence and a link. Answers
 * the page's path. A folder that holds no verdict, or one that cannot be read, is passed over.
 */
export async function renderResults(results: string): Promise<string> {
  const folders = await readdir(results, { withFileTypes: true });
  const found = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory())
      .map(async ({ name: folder }): Promise<Found | undefined> => {
        const judged = await readVerdict(join(results, folder)).catch(() => undefined);
        return judged && { folder, ...judged };
      }),
  );
  const path = join(results, 'index.html');
  await writeFile(`${path}.part`, resultsPage(found.filter((run) => run !== undefined)));
  await rename(`${path}.part`, path);
  return path;
}

function resultsPage(runs: readonly Found[]): string {
  const says = tally(runs);
  const worst = order.find((verdict) => runs.some(({ result }) => result.verdict === verdict)) ?? 'undecided';
  return shell(
    { title: `Labrys: ${says}`, description: says, verdict: worst, script: '' },
    html`<header class="top">${brand}<span class="crumb">results</span>${themeChoice}</header>
      <main class="wrap">
        <section class="card ends"><h1>${says}</h1></section>
        ${runs.length > 0 && runList(runs)}
      </main>`,
  );
}

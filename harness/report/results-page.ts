import { readFileSync } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { html } from './html.ts';
import { allTests } from './nights/all-tests.ts';
import { changes } from './nights/changes.ts';
import { campaignOf } from './nights/nights.ts';
import { headlineOf, tonight } from './nights/tonight.ts';
import { oneEach, readTrend, trendLine, type TrendLine } from './nights/trend.ts';
import { trends } from './nights/trends.ts';
import { readVerdict } from './run-files.ts';
import { order, runList, type Found } from './sections/run-list.ts';
import { brand, themeChoice } from './sections/top.ts';
import { liveRuns } from './serve/live-runs.ts';
import type { UnderWay } from './serve/under-way.ts';
import { shell } from './shell.ts';

const script = readFileSync(new URL('./nights/filter.js', import.meta.url), 'utf8');

/**
 * Draws `index.html` of a folder of results: what the last night came to, what changed on it, how every test has done
 * over the nights, and every judged run. Answers the page's path. A folder that holds no verdict, or one that cannot be
 * read, is passed over; runs whose folders are gone live on in `trend.jsonl`.
 */
export async function renderResults(results: string): Promise<string> {
  const path = join(results, 'index.html');
  await writeFile(`${path}.part`, await resultsPage(results));
  await rename(`${path}.part`, path);
  return path;
}

/** The page itself, from what lies in the folder now, with links to runs that are followed while they are under way. */
export async function resultsPage(results: string, live: readonly UnderWay[] = []): Promise<string> {
  const [runs, trend] = await Promise.all([judgedRuns(results), readTrend(results)]);
  const judged = runs.map(({ folder, plan, result }) => ({ ...trendLine(plan, result), run: folder }));
  return draw(runs, oneEach([...trend, ...judged]), live);
}

async function judgedRuns(results: string): Promise<readonly Found[]> {
  const folders = await readdir(results, { withFileTypes: true });
  const found = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory())
      .map(async ({ name: folder }): Promise<Found | undefined> => {
        const judged = await readVerdict(join(results, folder)).catch(() => undefined);
        return judged && { folder, ...judged };
      }),
  );
  return found.filter((run) => run !== undefined);
}

function draw(runs: readonly Found[], lines: readonly TrendLine[], live: readonly UnderWay[]): string {
  const campaign = campaignOf(lines);
  const folders = new Set(runs.map(({ folder }) => folder));
  const { says } = headlineOf(campaign);
  const worst = order.find((verdict) => runs.some(({ result }) => result.verdict === verdict)) ?? 'undecided';
  const places = [
    ['tonight', 'Tonight'],
    ['tests', 'Tests'],
    ['runs', 'Runs'],
  ] as const;
  return shell(
    {
      title: `Labrys: ${says}`,
      description: says,
      verdict: worst,
      script,
      ...(live.length > 0 && { refreshSeconds: 5 }),
    },
    html`<header class="top">
        ${brand}<span class="crumb">results<i>/</i>${campaign.nights.at(-1) ?? 'no runs'}</span>
        <nav aria-label="This page">${places.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
        ${themeChoice}
      </header>
      <main class="wrap">
        ${liveRuns(live)} ${tonight(campaign)} ${changes(campaign, folders)} ${trends(campaign)}
        ${allTests(campaign, folders)} ${runs.length > 0 && runList(runs)}
      </main>`,
  );
}

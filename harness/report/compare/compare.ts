import { html } from '../html.ts';
import type { RunFiles } from '../run-files.ts';
import { brand, themeChoice } from '../sections/top.ts';
import { shell } from '../shell.ts';
import { courses } from './courses.ts';
import { figures, promisesKept, seenErrors } from './tables.ts';
import { settings } from './settings.ts';
import { sides } from './sides.ts';

/**
 * Two runs side by side: what each came to, what was asked of them differently, and how they did on one axis of time.
 * The first is what the second is compared with.
 */
export function comparePage(a: RunFiles, b: RunFiles): string {
  const title = `${a.plan.run} and ${b.plan.run}`;
  return shell(
    {
      title: `Compare ${title}`,
      description: `Two runs compared: ${title}`,
      verdict: b.result.verdict,
      script: '',
    },
    html`<header class="top">
        ${brand}<span class="crumb">compare</span>
        <nav aria-label="This page">${places.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
        ${themeChoice}
      </header>
      <main class="wrap">
        ${sides(a, b)} ${settings(a.plan, b.plan)} ${courses(a, b)}
        <div class="pair">${figures(a, b)}${promisesKept(a.result, b.result)}</div>
        ${seenErrors(a.history, b.history)}
      </main>`,
  );
}

const places: readonly (readonly [id: string, name: string])[] = [
  ['verdicts', 'Verdicts'],
  ['settings', 'Differences'],
  ['time', 'Over time'],
  ['figures', 'Figures'],
];

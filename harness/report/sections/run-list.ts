import type { Plan } from '../../plan/plan.ts';
import type { Result, RunVerdict } from '../../record/result.ts';
import { headline } from '../headline.ts';
import { html, type Html } from '../html.ts';
import { CAUTION } from '../sentence.ts';
import { count, name, plural, systemName } from '../words.ts';
import { scroll } from './scroll.ts';

/** A run that was found among the results, in the folder of that name. */
export interface Found {
  readonly folder: string;
  readonly plan: Plan;
  readonly result: Result;
}

const tones = { violation: 'bad', 'could-not-run': 'warn', undecided: 'warn', pass: 'good' } as const;
/** Whatever needs somebody comes first. */
export const order: readonly RunVerdict[] = ['violation', 'could-not-run', 'undecided', 'pass'];

/** More make a page that is slow to open; `labrys list runs` shows all of them. */
const MOST_RUNS = 500;

/** Every run with its verdict in a sentence, what needs somebody first, and of that the latest first. */
export function runList(runs: readonly Found[]): Html {
  const sorted = runs.toSorted(
    (a, b) =>
      order.indexOf(a.result.verdict) - order.indexOf(b.result.verdict) || (a.folder < b.folder ? 1 : -1),
  );
  const rest = sorted.length - MOST_RUNS;
  return html`<section class="card" id="runs">
    <h2>Runs <small>what needs somebody first, the latest first</small></h2>
    ${scroll(
      'Runs',
      html`<table class="tbl broad">
        <thead>
          <tr>
            <th>Verdict</th>
            <th>Test</th>
            <th>What came out</th>
            <th class="num">Operations</th>
            <th class="num">Seed</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          ${sorted.slice(0, MOST_RUNS).map(row)}
        </tbody>
      </table>`,
    )}
    ${rest > 0 && html`<p class="empty">and ${plural(rest, 'other run')}: labrys list runs</p>`}
  </section>`;
}

function row({ folder, plan, result }: Found): Html {
  const { glyph, chip } = headline(plan, result);
  const faults = [...new Set(plan.strikes.map(({ fault }) => fault))].join(' + ') || 'no faults';
  const test = `${systemName(plan.system)} · ${systemName(plan.workload.name)} · ${name(faults, 60)}${plan.bug === undefined ? '' : ` · bug ${name(plan.bug)}`}`;
  const safe = /^[\w][\w.-]*$/.test(folder);
  return html`<tr data-words="${`${test} ${chip} is:${result.verdict}`.toLowerCase()}">
    <td><span class="${tones[result.verdict]}">${glyph} ${chip}</span></td>
    <td>${safe ? html`<a href="./${folder}/index.html">${test}</a>` : test}</td>
    <td>${name(result.sentence.replace(CAUTION, '').trim(), 240)}</td>
    <td class="num">${count(result.metrics.operations)}</td>
    <td class="num">${String(plan.seed)}</td>
    <td class="num">${when(plan.run)}</td>
  </tr>`;
}

/** The moment that a run is named after: `2026-11-21 02:14`. */
function when(run: string): string {
  const [, day, hour, minute] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)/.exec(run) ?? [];
  return day === undefined ? '–' : `${day} ${hour}:${minute}`;
}

import type { History } from 'knossos-js';
import type { Metrics, Result } from '../../record/result.ts';
import { glyphOf, promises } from '../headline.ts';
import { html, type Content, type Html } from '../html.ts';
import type { RunFiles } from '../run-files.ts';
import { errorsOf } from '../sections/errors.ts';
import { scroll } from '../sections/scroll.ts';
import { count, span } from '../words.ts';

const ms = (figure: number): string => span(figure / 1000);

/** What is measured of every run, and how it is said. */
const MEASURED: readonly (readonly [
  what: string,
  of: (metrics: Metrics) => number,
  says: (n: number) => string,
])[] = [
  ['operations', ({ operations }) => operations, count],
  ['ok', ({ ok }) => ok, count],
  ['failed', ({ failed }) => failed, count],
  ['unknown outcome', ({ unknown }) => unknown, count],
  ['overlapped a fault', ({ overlappedFaults }) => overlappedFaults, count],
  ['faults confirmed', ({ faultsConfirmed }) => faultsConfirmed, count],
  ['operations/s', ({ operationsPerSecond }) => operationsPerSecond, count],
  ['latency, median', ({ latencyMs }) => latencyMs.p50, ms],
  ['latency, 99th percentile', ({ latencyMs }) => latencyMs.p99, ms],
  ['latency, longest', ({ latencyMs }) => latencyMs.max, ms],
  ['time to judge', ({ checkMs }) => checkMs, ms],
];

/** The figures of both runs, and B as so many times A. */
export function figures({ result: a }: RunFiles, { result: b }: RunFiles): Html {
  return table(
    'figures',
    'Figures',
    ['', 'A', 'B', 'B to A'],
    MEASURED.map(([what, of, says]) => {
      const [x, y] = [of(a.metrics), of(b.metrics)];
      return [what, says(x), says(y), x === 0 ? (y === 0 ? '–' : 'new') : `${(y / x).toFixed(2)}×`];
    }),
  );
}

/** Every promise that either was held to. */
export function promisesKept(a: Result, b: Result): Html {
  const [ofA, ofB] = [a, b].map((result) => new Map(promises(result).map(({ name, held }) => [name, held])));
  const all = [...new Set([...(ofA?.keys() ?? []), ...(ofB?.keys() ?? [])])];
  const says = (held: boolean | 'unknown' | undefined): Content =>
    held === undefined
      ? '–'
      : html`<span class="${held === true ? 'good' : held === false ? 'bad' : 'warn'}"
          >${glyphOf(held)} ${held === true ? 'holds' : held === false ? 'broken' : 'unknown'}</span
        >`;
  return table(
    'promises',
    'Promises',
    ['', 'A', 'B'],
    all.map((promise) => [promise, says(ofA?.get(promise)), says(ofB?.get(promise))]),
  );
}

/** What went wrong how often, by what was said of it. */
export function seenErrors(a: History | undefined, b: History | undefined): Html | '' {
  const [ofA, ofB] = [a, b].map((history) => (history === undefined ? new Map() : errorsOf(history)));
  const all = [...new Set([...(ofA?.keys() ?? []), ...(ofB?.keys() ?? [])])];
  if (all.length === 0) return '';
  const total = (of: ReturnType<typeof errorsOf> | undefined, error: string): number => {
    const row = of?.get(error);
    return row === undefined ? 0 : row.failed + row.unknown;
  };
  const rows = all
    .map((error) => [error, total(ofA, error), total(ofB, error)] as const)
    .toSorted((x, y) => Math.max(y[1], y[2]) - Math.max(x[1], x[2]));
  return table(
    'errors',
    'Errors',
    ['', 'A', 'B'],
    rows.slice(0, 20).map(([error, x, y]) => [html`<span class="mono">${error}</span>`, count(x), count(y)]),
  );
}

function table(
  id: string,
  title: string,
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
): Html {
  return html`<section class="card" id="${id}">
    <h2>${title}</h2>
    ${scroll(
      title,
      html`<table class="tbl">
        <thead>
          <tr>
            ${heads.map((head, i) => (i === 0 ? html`<td></td>` : html`<th class="right">${head}</th>`))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([what, ...cells]) =>
              html`<tr>
                <td>${what}</td>
                ${cells.map((cell) => html`<td class="right">${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

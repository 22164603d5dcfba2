import type { History } from 'knossos-js';
import { html, type Html } from '../html.ts';
import { count, name, plural } from '../words.ts';
import { scroll } from './scroll.ts';

const SHOWN = 12;

/**
 * How errors were counted. Taking an error for "did not happen" when it did is how a test accuses the innocent, so
 * this is for the author of a client to look through.
 */
export function errors(history: History | undefined): Html | '' {
  if (history === undefined) return '';
  const tally = errorsOf(history);
  if (tally.size === 0) return '';
  const rows = [...tally.values()].toSorted((a, b) => b.failed + b.unknown - a.failed - a.unknown);
  const rest = rows.length - SHOWN;
  return html`<section class="card" id="errors">
    <h2>
      How errors were counted
      <small
        >failed: it never took effect; unknown: it may have, at any time since. Digits are shown as #</small
      >
    </h2>
    ${scroll(
      'Errors',
      html`<table class="tbl">
        <thead>
          <tr>
            <th>Error</th>
            <th class="num">Failed</th>
            <th class="num">Unknown</th>
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, SHOWN).map(
            (row) =>
              html`<tr>
                <td class="mono">${row.error}</td>
                <td class="num">${count(row.failed)}</td>
                <td class="num">${count(row.unknown)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    ${rest > 0 && html`<p class="empty">and ${plural(rest, 'other error')}, in history.jsonl.</p>`}
  </section>`;
}

interface Counted {
  readonly error: string;
  failed: number;
  unknown: number;
}

/** How often each error was said, those that differ in digits alone as one. */
export function errorsOf(history: History): ReadonlyMap<string, Counted> {
  const tally = new Map<string, Counted>();
  for (let i = 0; i < history.length; i++) {
    if (history.outcome[i] === 0) continue;
    const text = history.errors[history.error[i] as number] ?? 'no answer when the run ended';
    const error = name(text.replace(/\d+/g, '#'), 110);
    const row = tally.get(error) ?? { error, failed: 0, unknown: 0 };
    if (history.outcome[i] === 1) row.failed++;
    else row.unknown++;
    tally.set(error, row);
  }
  return tally;
}

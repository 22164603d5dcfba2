import type { Histogram, Verdict } from 'knossos-js';
import { leaves } from '../headline.ts';
import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import { element, monospace, picture, rect, text } from '../svg.ts';
import { count, name } from '../words.ts';

const ROW = 18;
const LABEL = 96;
const BARS = 300;
/** Room for the count behind the longest bar. */
const COUNT = 78;

/** What checkers measured, size by size: how stale reads were, how long elements took to be seen. */
export function histograms(verdicts: readonly Verdict[]): Html | '' {
  const all = leaves(verdicts).flatMap((verdict) =>
    (verdict.histograms ?? [])
      .filter(({ bars }) => bars.length > 0)
      .map((histogram) => ({ checker: verdict.checker, histogram })),
  );
  if (all.length === 0) return '';
  return html`<section class="card" id="measured">
    <h2>
      Measured
      <small>each row counts what is more than the row above, up to its own number</small>
    </h2>
    <div class="measured">
      ${all.map(
        ({ checker, histogram }) =>
          html`<figure>
            <figcaption>
              ${name(histogram.name, 80)} <small>${name(histogram.unit)}; ${name(checker, 60)}</small>
            </figcaption>
            ${drawn(histogram)}
          </figure>`,
      )}
    </div>
  </section>`;
}

function drawn({ name: what, unit, bars }: Histogram): Html {
  const most = Math.max(...bars.map((bar) => bar.count));
  const said = bars.map((bar) => `${sizeOf(bar.upTo)} ${unit}: ${bar.count}`).join('; ');
  return picture(
    LABEL + BARS + COUNT,
    bars.length * ROW + 4,
    `${name(what, 80)}. ${name(said, 400)}.`,
    bars.map((bar, i) => {
      // One of a million is still to be seen.
      const width = Math.max(1.5, (bar.count / most) * BARS);
      const middle = i * ROW + ROW / 2 + 2;
      return element(
        'g',
        {},
        text(LABEL - 8, middle + 4, sizeOf(bar.upTo), {
          'text-anchor': 'end',
          'font-family': monospace,
          fill: ink('muted'),
        }),
        rect(LABEL, middle - 6, width, 12, { rx: 2, fill: ink(bar.upTo === 0 ? 'ok' : 'fast') }),
        text(LABEL + width + 6, middle + 4, count(bar.count), { fill: ink('text') }),
      );
    }),
  );
}

/** `0`, `≤ 0.5`, `≤ 2,000`. */
function sizeOf(upTo: number): string {
  return upTo === 0
    ? '0'
    : `≤ ${Number(upTo.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })}`;
}

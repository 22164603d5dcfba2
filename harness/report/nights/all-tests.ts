import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import { scroll } from '../sections/scroll.ts';
import { element, picture, rect, text } from '../svg.ts';
import { count, plural, span } from '../words.ts';
import { linkTo } from './link.ts';
import type { Campaign, Night, Test } from './nights.ts';
import { NIGHTS, sparkline } from './trends.ts';
import { changeWords, detailOf, shown, subjectOf } from './words.ts';

const CELL = 13;

/** Every test, a square a night: green is as it should be, and whatever is not has a sign of its own. */
export function allTests({ tests, nights }: Campaign, folders: ReadonlySet<string>): Html | '' {
  const latest = nights.slice(-NIGHTS);
  if (tests.length === 0) return '';
  return html`<section class="card" id="tests">
    <h2>
      Tests <small>${plural(tests.length, 'test')} · each square is one night, the latest at the right</small>
    </h2>
    ${scroll(
      'Tests',
      html`<table class="tbl broad">
        <thead>
          <tr>
            <th>Test</th>
            <th>Tonight</th>
            <th>${plural(latest.length, 'night')}</th>
            <th class="num">Operations</th>
            <th class="num">ops/s</th>
            <th class="num">p99 latency</th>
          </tr>
        </thead>
        <tbody>
          ${tests.map((test) => row(test, latest, folders))}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function row(test: Test, nights: readonly string[], folders: ReadonlySet<string>): Html {
  const last = test.nights.at(-1) as Night;
  const { worst } = last;
  const { tone, says } = changeWords(test) ?? shown[last.outcome];
  const words = `${subjectOf(worst)} ${detailOf(worst)} is:${last.outcome} ${says}`;
  const figures = test.nights.slice(-NIGHTS).map((night) => night.worst.p99Ms);
  return html`<tr data-words="${words.toLowerCase()}">
    <td>
      ${linkTo(worst, folders, html`<b>${subjectOf(worst)}</b>`)}<br /><small class="quiet"
        >${detailOf(worst)}</small
      >
    </td>
    <td><span class="pill ${tone}">${says}</span></td>
    <td>${squares(test, nights)}</td>
    <td class="num">${count(worst.operations)}</td>
    <td class="num">${count(worst.operationsPerSecond)}</td>
    <td class="num">
      ${figures.length > 1 && picture(84, 18, `p99 latency by night, last ${span(worst.p99Ms / 1000)}`, sparkline(figures, 84, 18, 'muted'))}
      ${span(worst.p99Ms / 1000)}
    </td>
  </tr>`;
}

function squares(test: Test, nights: readonly string[]): Html {
  const on = new Map(test.nights.map((night) => [night.night, night]));
  const said = nights.flatMap((night) => {
    const one = on.get(night);
    return one === undefined || shown[one.outcome].tone === 'good'
      ? []
      : [`${night} ${shown[one.outcome].says}`];
  });
  return picture(
    nights.length * CELL,
    16,
    said.length === 0 ? 'Every night as it should be.' : `Otherwise than it should be: ${said.join(', ')}.`,
    nights.map((night, i) => square(on.get(night), night, i * CELL)),
  );
}

function square(night: Night | undefined, day: string, x: number): Html {
  if (night === undefined) return rect(x + 1, 1, CELL - 2, 14, { rx: 2, fill: ink('line2') });
  const { glyph, tone, says } = shown[night.outcome];
  const fill = ink(tone === 'good' ? 'ok' : tone === 'bad' ? 'bad-fill' : 'unknown');
  return element(
    'g',
    {},
    element('title', {}, `${day}: ${says}`),
    rect(x + 1, 1, CELL - 2, 14, { rx: 2, fill, ...(tone === 'good' && { opacity: 0.55 }) }),
    tone !== 'good' &&
      text(x + CELL / 2, 11.8, glyph, {
        'font-size': 10,
        'font-weight': 700,
        'text-anchor': 'middle',
        fill: tone === 'bad' ? '#ffffff' : '#1a1300',
      }),
  );
}

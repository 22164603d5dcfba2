import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import { element, picture, px, rect } from '../svg.ts';
import { count, span } from '../words.ts';
import type { Campaign, Night } from './nights.ts';
import type { TrendLine } from './trend.ts';

/** So many of the latest nights are drawn. */
export const NIGHTS = 28;

const [WIDTH, HEIGHT] = [300, 56];

/** The latest nights as wholes: what was found, how much was asked, how fast, how long it took. */
export function trends(campaign: Campaign): Html | '' {
  const nights = campaign.nights.slice(-NIGHTS);
  if (nights.length < 2) return '';
  const on = nights.map((night) =>
    campaign.tests.flatMap((test) => test.nights.filter((one) => one.night === night)),
  );
  const lines = (of: readonly Night[]): readonly TrendLine[] => of.flatMap((night) => night.lines);
  const sum = (of: readonly Night[], figure: (line: TrendLine) => number) =>
    lines(of).reduce((total, line) => total + figure(line), 0);
  const violations = on.map((of) => of.filter(({ outcome }) => outcome === 'violation').length);
  const operations = on.map((of) => sum(of, (line) => line.operations));
  const seconds = on.map((of) => sum(of, (line) => line.seconds));
  const rates = operations.map((of, i) => of / Math.max(1e-9, seconds[i] as number));
  const cells = [
    ['violations', count(violations.at(-1) as number), bars(violations, nights)],
    ['operations judged', count(operations.at(-1) as number), curve(operations, 'operations judged')],
    ['operations/s', count(rates.at(-1) as number), curve(rates, 'operations per second')],
    ['time under load', span(seconds.at(-1) as number), curve(seconds, 'time under load')],
  ] as const;
  return html`<section class="card" id="trends">
    <h2>Trends <small>${count(nights.length)} nights, the latest at the right</small></h2>
    <div class="trends">
      ${cells.map(
        ([what, figure, drawn]) =>
          html`<figure>
            <figcaption><span>${what}</span><b>${figure}</b></figcaption>
            ${drawn}
          </figure>`,
      )}
    </div>
  </section>`;
}

function bars(of: readonly number[], nights: readonly string[]): Html {
  const most = Math.max(1, ...of);
  const wide = WIDTH / of.length;
  return picture(
    WIDTH,
    HEIGHT,
    `Violations by night: ${of.join(', ')}.`,
    of.map((n, i) =>
      rect(i * wide + 1, HEIGHT - (n / most) * (HEIGHT - 4) - 1, wide - 2, (n / most) * (HEIGHT - 4) + 1, {
        fill: ink(n === 0 ? 'line' : 'bad-fill'),
        ...(i < of.length - 1 && { opacity: 0.6 }),
      }),
    ),
    element('title', {}, `${nights[0]} to ${nights.at(-1)}`),
  );
}

function curve(of: readonly number[], what: string): Html {
  return picture(WIDTH, HEIGHT, `${what}, by night.`, sparkline(of, WIDTH, HEIGHT, 'accent'));
}

/** A line through figures, from nothing to the largest of them, with a dot at the last. */
export function sparkline(
  of: readonly number[],
  width: number,
  height: number,
  token: 'accent' | 'muted',
): Html {
  const most = Math.max(...of, Number.MIN_VALUE);
  const x = (i: number) => (of.length < 2 ? width - 4 : 2 + (i / (of.length - 1)) * (width - 6));
  const y = (n: number) => height - 3 - (n / most) * (height - 8);
  const path = of.map((n, i) => `${i === 0 ? 'M' : 'L'}${px(x(i))} ${px(y(n))}`).join('');
  const [lastX, lastY] = [x(of.length - 1), y(of.at(-1) ?? 0)];
  return html`${element('path', { d: path, fill: 'none', stroke: ink(token), 'stroke-width': 1.6 })}${element('circle', { cx: lastX, cy: lastY, r: 2.6, fill: ink('accent') })}`;
}

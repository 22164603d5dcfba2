import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { element, line, monospace, text } from '../svg.ts';
import { moment } from '../words.ts';
import { SANS, timesOf, type Frame } from './frame.ts';

/** The time of every call and return, and a break wherever the axis leaves much out. */
export function ticks({ operations, decimals }: Proof, { axis, bottom, left, right }: Frame): Html {
  const y = bottom - 6;
  let free = -Infinity;
  const marks = timesOf(operations).map((time) => {
    const label = moment(time, decimals);
    const half = (label.length * SANS) / 2;
    const x = axis.x(time);
    const tick = line(x, y, x, bottom, { stroke: ink('faint') });
    if (x - half < free) return tick;
    free = x + half + 4;
    const place = Math.max(x, left + half);
    return html`${tick}${text(place, bottom + 12, label, { 'font-family': monospace, 'font-size': 11, 'text-anchor': 'middle', fill: ink('muted') })}`;
  });
  const breaks = axis.breaks.map((x) =>
    element('path', {
      d: `M${Math.round(x) - 8} ${y}l4 5 4-10 4 10 4-5`,
      fill: 'none',
      stroke: ink('faint'),
    }),
  );
  return html`${line(left, y, right, y, { stroke: ink('line') })}${marks}${breaks}`;
}

import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { element, line, rect, text } from '../svg.ts';
import { BAR, gapText, SANS, type Frame } from './frame.ts';

/** How far apart the impossible step and what it contradicts are: the whole argument in one arrow. */
export function gap(proof: Proof, { axis, lane, size }: Frame): Html | '' {
  const { against, impossible } = proof;
  if (against === undefined) return '';
  const y = (lane.get(impossible.process) ?? 0) + BAR / 2;
  const other = lane.get(against.operation.process) ?? 0;
  const [a, b] = [axis.x(against.from), axis.x(against.to)];
  const at = against.relation === 'later' ? a : b;
  const label = gapText(proof);
  const width = label.length * SANS + 20;
  const stroke = ink('bad');
  const marker = `url(#arrow-${size})`;
  return element(
    'g',
    { class: 'gap' },
    line(at, other < y ? other + BAR + 2 : other - 2, at, y, { stroke, 'stroke-dasharray': '3 3' }),
    b - a > 30
      ? line(a + 4, y, b - 7, y, {
          stroke,
          'stroke-width': 1.6,
          'marker-start': marker,
          'marker-end': marker,
        })
      : html``,
    rect((a + b - width) / 2, y - 10, width, 20, { rx: 10, fill: ink('bad-fill') }),
    text((a + b) / 2, y + 4, label, { 'font-weight': 650, 'text-anchor': 'middle', fill: '#ffffff' }),
  );
}

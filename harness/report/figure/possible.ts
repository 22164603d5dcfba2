import { html, type Html } from '../html.ts';
import { ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import type { Moment, Semantics } from '../replay.ts';
import { element, rect, text } from '../svg.ts';
import { clip } from '../words.ts';
import { SANS, type Frame } from './frame.ts';

interface Cell {
  readonly from: number;
  readonly to: number;
  readonly states: readonly string[];
  readonly last: boolean;
}

/** What the object can be from moment to moment: plain where it is certain, hatched where it is not. */
export function possible(proof: Proof, frame: Frame): Html | '' {
  const { object, moments } = proof;
  if (object === undefined) return '';
  const { bottom, left, size } = frame;
  const y = bottom + (size === 'wide' ? 24 : 40);
  const head = { 'font-size': 12.5, 'font-weight': 600, fill: ink('text') };
  return element(
    'g',
    { class: 'possible' },
    size === 'wide'
      ? [
          text(left - 14, y + 9, clip(object.subject, 15), { ...head, 'text-anchor': 'end' }),
          text(left - 14, y + 23, 'can be', { 'font-size': 11, 'text-anchor': 'end', fill: ink('muted') }),
        ]
      : text(left, y - 8, `${object.subject} can be`, head),
    cellsOf(moments, frame).map((cell) => drawn(cell, object, y, crossing(proof, frame), frame)),
    nothingLeft(proof, y, frame),
  );
}

/** Moments at which nothing changed are one cell. */
function cellsOf(moments: readonly Moment[], { axis, right }: Frame): Cell[] {
  const changes = moments.filter(({ states }, i) => !same(states, moments[i - 1]?.states));
  return changes.map(({ from, states }, i) => {
    const next = changes[i + 1];
    return {
      from: axis.x(from),
      to: next === undefined ? right : axis.x(next.from),
      states,
      last: next === undefined,
    };
  });
}

function drawn(
  { from, to, states, last }: Cell,
  object: Semantics,
  y: number,
  cross: number,
  { size }: Frame,
): Html {
  const certain = states.length === 1;
  const good = last && certain && object.show(states, 60).startsWith('only');
  // The words of the last cell stand before the cross.
  const room = Math.floor(((last ? cross - 12 : to) - from - 14) / SANS);
  const words = object.show(states, Math.max(8, room));
  const until = object.until === undefined ? '' : `, until ${object.until}`;
  const label = good && room >= words.length + until.length ? `${words}${until}` : words;
  const width = label.length * SANS + 10;
  const centre = last ? from + 12 + width / 2 : (from + to) / 2;
  const fits = label.length <= room;
  const fill = certain ? ink(last ? 'good-soft' : 'line2') : `url(#hatch-${size})`;
  return html`${rect(from, y, to - from, 22, { rx: 4, fill, stroke: ink(good ? 'good' : 'line') })}${!certain && fits && rect(centre - width / 2, y + 3, width, 16, { rx: 3, fill: ink('panel') })}${
    fits &&
    text(centre, y + 15, label, {
      'font-weight': good ? 600 : 400,
      'text-anchor': 'middle',
      fill: ink(good ? 'good' : 'muted'),
    })
  }`;
}

/** The cross under the impossible step. */
function nothingLeft(proof: Proof, y: number, frame: Frame): Html {
  const { bottom } = frame;
  const x = crossing(proof, frame);
  const middle = Math.round(x * 10) / 10;
  return html`${element('line', { x1: x, x2: x, y1: bottom - 6, y2: y, stroke: ink('bad'), 'stroke-width': 1.6, 'stroke-dasharray': '3 3' })}${element('circle', { cx: x, cy: y + 11, r: 8.5, fill: ink('bad-fill') })}${element('path', { d: `M${middle - 3.2} ${y + 7.8}l6.4 6.4m0-6.4l-6.4 6.4`, stroke: '#ffffff', 'stroke-width': 2, 'stroke-linecap': 'round' })}`;
}

function crossing({ impossible }: Proof, { axis }: Frame): number {
  return (axis.x(impossible.call) + axis.x(impossible.return ?? impossible.call)) / 2;
}

function same(a: readonly string[], b: readonly string[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((state) => b.includes(state));
}

import type { DrawnFault } from '../../record/result.ts';
import type { Html } from '../html.ts';
import { faultToken, ink } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { faultName } from '../sentence.ts';
import { element, rect, text } from '../svg.ts';
import { clip, moment } from '../words.ts';
import { FAULT, SANS, timesOf, type Frame } from './frame.ts';

/** A fault behind the operations, from where it struck to where it was healed, or over the edge. */
export function band(fault: DrawnFault, row: number, proof: Proof, frame: Frame): Html {
  const { left, right, bottom, size } = frame;
  const [from, to] = extent(fault, proof, frame);
  const until = fault.to === undefined ? '' : ` to ${moment(fault.to)} s`;
  const says = `${faultName(fault)} · from ${moment(fault.from)} s${until}`;
  const room = Math.floor((right - left) / SANS) - 4;
  const label = clip(says, Math.min(room, size === 'wide' ? 90 : 56));
  const width = label.length * SANS + 18;
  const x = Math.max(left, Math.min(from, right - width));
  const y = 8 + row * FAULT;
  const height = bottom - y - 6;
  const fill = ink(faultToken(faultName(fault)));
  return element(
    'g',
    { class: 'fault' },
    rect(from, y, Math.max(3, to - from), height, { fill, opacity: 0.11 }),
    rect(from, y, 1.5, height, { fill }),
    rect(x, y, width, 19, { rx: 4, fill }),
    text(x + 9, y + 13.5, label, { 'font-weight': 600, fill: '#1a1300' }),
  );
}

function extent(fault: DrawnFault, { operations }: Proof, { axis, left, right }: Frame): [number, number] {
  const times = timesOf(operations);
  const [first, last] = [times[0] as number, times.at(-1) as number];
  const from = fault.from <= first ? left : fault.from >= last ? axis.end + 8 : axis.x(fault.from);
  const to =
    fault.to === undefined || fault.to >= last ? right : fault.to <= first ? left + 4 : axis.x(fault.to);
  return [from, to];
}

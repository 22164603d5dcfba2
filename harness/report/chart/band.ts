import type { Html } from '../html.ts';
import { faultToken, ink } from '../palette.ts';
import { faultName } from '../sentence.ts';
import type { Struck } from '../struck.ts';
import { element, rect, text } from '../svg.ts';
import { clip } from '../words.ts';
import { HEAD, type Frame } from './frame.ts';

/** A fault through both charts, named at its head as far as there is room. */
export function band(fault: Struck, row: number, frame: Frame): Html {
  const { x, right } = frame;
  const from = x(fault.from);
  const width = Math.max(3, (fault.to === undefined ? right : x(fault.to)) - from);
  const label = clip(faultName(fault), Math.max(0, Math.floor((width - 8) / 6.6)));
  const top = 4 + row * HEAD;
  const fill = ink(faultToken(faultName(fault)));
  return element(
    'g',
    { class: 'fault' },
    element('title', {}, faultName(fault)),
    rect(from, top, width, frame.bottom - top, { fill, opacity: 0.12 }),
    rect(from, top, width, 18, { rx: 3, fill }),
    label.length > 3 &&
      text(from + 5, top + 13, label, { 'font-size': 11.5, 'font-weight': 600, fill: '#1a1300' }),
  );
}

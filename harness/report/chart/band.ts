import type { Html } from '../html.ts';
import { faultToken, ink } from '../palette.ts';
import { faultName } from '../sentence.ts';
import type { Struck } from '../struck.ts';
import { element, rect, text } from '../svg.ts';
import { clip } from '../words.ts';
import { HEAD, type Frame } from './frame.ts';

interface Band {
  readonly fault: Struck;
  readonly from: number;
  readonly width: number;
  readonly top: number;
  readonly label: string;
  readonly fill: string;
}

/**
 * Faults through both charts, named at their heads as far as there is room. Those without room for a name are one shape a
 * colour: a run may have hundreds, and a page only so many elements.
 */
export function bands(faults: readonly Struck[], rows: readonly number[], frame: Frame): Html[] {
  const all = faults.map((fault, i) => bandOf(fault, rows[i] ?? 0, frame));
  const nameless = Map.groupBy(
    all.filter(({ label }) => label === ''),
    ({ fill }) => fill,
  );
  return [
    ...[...nameless].map(([fill, of]) => together(of, fill, frame)),
    ...all.filter(({ label }) => label !== '').map((band) => named(band, frame)),
  ];
}

function bandOf(fault: Struck, row: number, { x, right }: Frame): Band {
  const from = x(fault.from);
  const width = Math.max(3, (fault.to === undefined ? right : x(fault.to)) - from);
  const label = clip(faultName(fault), Math.max(0, Math.floor((width - 8) / 6.6)));
  const fill = ink(faultToken(faultName(fault)));
  return {
    fault,
    from,
    width,
    top: 4 + row * HEAD,
    label: label === faultName(fault) || label.length > 7 ? label : '',
    fill,
  };
}

function together(of: readonly Band[], fill: string, frame: Frame): Html {
  const names = new Set(of.map(({ fault }) => fault.name));
  const boxes = (height: (top: number) => number) =>
    of.map(({ from, top, width }) => `M${r(from)} ${top}h${r(width)}v${height(top)}h${r(-width)}z`).join('');
  return element(
    'g',
    { class: 'fault' },
    element('title', {}, `${of.length} of ${[...names].join(', ')}`),
    element('path', { d: boxes((top) => frame.bottom - top), fill, opacity: 0.12 }),
    element('path', { d: boxes(() => 18), fill }),
  );
}

function named({ fault, from, width, top, label, fill }: Band, frame: Frame): Html {
  return element(
    'g',
    { class: 'fault' },
    element('title', {}, faultName(fault)),
    rect(from, top, width, frame.bottom - top, { fill, opacity: 0.12 }),
    rect(from, top, width, 18, { rx: 3, fill }),
    text(from + 5, top + 13, label, { 'font-size': 11.5, 'font-weight': 600, fill: '#1a1300' }),
  );
}

function r(n: number): string {
  return String(Math.round(n * 10) / 10);
}

import type { DrawnOperation } from '../../record/result.ts';
import type { Html } from '../html.ts';
import { ink, operationToken } from '../palette.ts';
import type { Proof } from '../proof.ts';
import { element, monospace, rect, text } from '../svg.ts';
import { moment } from '../words.ts';
import { data } from './data.ts';
import { BAR, barText, MONO, type Frame } from './frame.ts';

/** An operation from its call to its return; one that was never answered is hatched and ends nowhere. */
export function bar(operation: DrawnOperation, proof: Proof, frame: Frame): Html {
  const impossible = operation === proof.impossible;
  const open = operation.return === undefined || operation.outcome === 'info';
  const label = barText(operation, proof);
  const y = frame.lane.get(operation.process) ?? 0;
  const x = frame.axis.x(operation.call);
  const width = Math.max(6, endOf(operation, open, proof, frame) - x);
  const ended =
    operation.return === undefined ? 'never answered' : `returned ${moment(operation.return, 6)} s`;
  const title = `client ${operation.process}: ${label} · called ${moment(operation.call, 6)} s, ${ended}`;
  return element(
    'g',
    { class: impossible ? 'op impossible' : 'op', ...data(operation) },
    element('title', {}, title),
    impossible &&
      rect(x - 3, y - 3, width + 6, BAR + 6, { rx: 8, fill: 'none', stroke: ink('bad'), 'stroke-width': 2 }),
    open
      ? hatched(label, x, y, width, frame)
      : solid(label, x, y, width, ink(impossible ? 'bad-fill' : operationToken(operation.f))),
  );
}

const mono = { 'font-family': monospace, 'font-size': 12.5, 'font-weight': 600 };

function solid(label: string, x: number, y: number, width: number, fill: string): Html[] {
  return [
    rect(x, y, width, BAR, { rx: 5, fill }),
    text(x + width / 2, y + 17, label, { ...mono, 'text-anchor': 'middle', fill: '#ffffff' }),
  ];
}

function hatched(label: string, x: number, y: number, width: number, { size }: Frame): Html[] {
  const plate = Math.min(label.length * MONO + 12, width - 6);
  return [
    rect(x, y, width, BAR, {
      rx: 5,
      fill: `url(#hatch-${size})`,
      stroke: ink('faint'),
      'stroke-dasharray': '4 3',
    }),
    rect(x + 3, y + 3, Math.max(0, plate), BAR - 6, { rx: 3, fill: ink('panel') }),
    text(x + 9, y + 17, label, { ...mono, fill: ink('text') }),
  ];
}

function endOf(
  operation: DrawnOperation,
  open: boolean,
  { operations }: Proof,
  { axis, right }: Frame,
): number {
  if (!open) return axis.x(operation.return ?? operation.call);
  const next = operations.find(({ process, call }) => process === operation.process && call > operation.call);
  return next === undefined ? right : axis.x(next.call) - 6;
}

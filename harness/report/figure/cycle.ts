import type { Precedence } from 'knossos-js';
import type { DrawnOperation } from '../../record/result.ts';
import { html, type Html } from '../html.ts';
import { ink, type Token } from '../palette.ts';
import { element, monospace, picture, rect, text } from '../svg.ts';
import { clip, name, step, stepsOf } from '../words.ts';
import { data } from './data.ts';

/** What a step of the circle rests on has a colour, and a letter for those who see none. */
const tokens: Readonly<Record<string, Token>> = {
  ww: 'write',
  wr: 'read',
  rw: 'unknown',
  session: 'other',
  'real time': 'other',
};

const [WIDE, LINE, HEAD] = [236, 21, 30];
const LETTERS = 31;

/** A transaction and where its box stands. */
interface Box {
  readonly operation: DrawnOperation;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/**
 * Transactions that go round in a circle, each having to come before the next, so that no order of them is possible. The
 * arrows are numbered as the steps of the story beside it are. Witnesses who are not on the circle stand below.
 *
 * ```
 *          ┌ T3 ───────┐
 *     (1)↗ │ read x → 1│ ↘(2)
 *   ┌ T1 ──┴─┐       ┌─┴─ T2 ──┐
 *   │append x│  ↖(3) │ append y│
 *   └────────┘       └─────────┘
 * ```
 */
export function cycleFigure(cycle: readonly Precedence[], operations: readonly DrawnOperation[]): Html {
  const on = cycle.flatMap(({ from }) => operations.filter(({ id }) => id === from));
  const aside = operations.filter((operation) => !on.includes(operation));
  const radius = { x: Math.max(270, on.length * 80), y: Math.max(140, on.length * 44) };
  // Two lie on a level; of more, some stand above the others.
  const rise = on.length < 3 ? 0 : radius.y;
  const tallest = Math.max(...on.map((operation) => boxOf(operation, 0, 0).height));
  const centre = { x: radius.x + WIDE / 2 + 20, y: rise + Math.max(70, tallest / 2) + 12 };
  const ring = on.map((operation, i): Box => {
    // Two stand beside each other; more begin at the left, and go round as clocks do.
    const angle = Math.PI + (i / on.length) * 2 * Math.PI;
    return boxOf(operation, centre.x + radius.x * Math.cos(angle), centre.y + radius.y * Math.sin(angle));
  });
  const bottom = Math.max(...ring.map(({ y, height }) => y + height / 2), centre.y + 70) + 12;
  const below = aside.map((operation, i) => {
    const box = boxOf(operation, 0, 0);
    return { ...box, x: WIDE / 2 + 20 + i * (WIDE + 24), y: bottom + 22 + box.height / 2 };
  });
  const height = below.length === 0 ? bottom : Math.max(...below.map((box) => box.y + box.height / 2)) + 16;
  const width = Math.max(2 * centre.x, ...below.map(({ x }) => x + WIDE / 2 + 20));
  return picture(
    width,
    height,
    `${on.length} transactions in a circle, each of which must come before the next.`,
    element('defs', {}, [...new Set(cycle.map(({ kind }) => kind))].map(arrowHead)),
    cycle.map((edge, i) => arrow(edge, i, ring, centre)),
    ring.map(drawn),
    below.length > 0 && text(20, bottom + 10, 'who saw it', { fill: ink('muted') }),
    below.map(drawn),
    middle(on.length, centre),
  );
}

function boxOf(operation: DrawnOperation, x: number, y: number): Box {
  const steps =
    stepsOf(operation.outcome === 'ok' ? (operation.output ?? operation.input) : operation.input) ?? [];
  const shown = steps.slice(0, 6).map((of) => clip(step(of), LETTERS));
  const lines = steps.length > 6 ? [...shown, `… ${steps.length - 6} more`] : shown;
  return { operation, lines, x, y, height: HEAD + Math.max(1, lines.length) * LINE + 6 };
}

function drawn({ operation, lines, x, y, height }: Box): Html {
  const [left, top] = [x - WIDE / 2, y - height / 2];
  const who = `client ${operation.process}${operation.node === undefined ? '' : ` · ${name(operation.node, 12)}`}`;
  return element(
    'g',
    { class: 'op', ...data(operation) },
    element('title', {}, `T${operation.id}: ${lines.join(', ')}`),
    rect(left, top, WIDE, height, { rx: 8, fill: ink('panel'), stroke: ink('line') }),
    text(left + 12, top + 20, `T${operation.id}`, { 'font-weight': 700, fill: ink('text') }),
    text(left + WIDE - 12, top + 20, operation.outcome === 'info' ? `${who}, no answer` : who, {
      'font-size': 11,
      'text-anchor': 'end',
      fill: ink('muted'),
    }),
    lines.map((line, i) => [
      rect(left + 8, top + HEAD + i * LINE, WIDE - 16, LINE - 3, { rx: 4, fill: ink('line2') }),
      text(left + 14, top + HEAD + i * LINE + 13, line, {
        'font-family': monospace,
        fill: ink(line.startsWith('read') ? 'read' : 'write'),
      }),
    ]),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A bow outside of the straight way, so that two that face each other have an arrow each. */
function arrow({ from, to, kind }: Precedence, at: number, ring: readonly Box[], centre: Point): Html {
  const a = ring.find(({ operation }) => operation.id === from);
  const b = ring.find(({ operation }) => operation.id === to);
  if (a === undefined || b === undefined) return html``;
  const between = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const long = Math.hypot(dx, dy) || 1;
  // To the left of the way from one to the other: outside, for the ring is walked as clocks go.
  const bow = { x: between.x + (dy / long) * 62, y: between.y - (dx / long) * 62 };
  const [start, end] = [edgeOf(a, bow), edgeOf(b, bow)];
  const label = { x: (start.x + 2 * bow.x + end.x) / 4, y: (start.y + 2 * bow.y + end.y) / 4 };
  const colour = ink(tokens[kind] ?? 'other');
  const outwards = label.y < centre.y ? -16 : 24;
  return element(
    'g',
    {},
    element('path', {
      d: `M${r(start.x)} ${r(start.y)}Q${r(bow.x)} ${r(bow.y)} ${r(end.x)} ${r(end.y)}`,
      fill: 'none',
      stroke: colour,
      'stroke-width': 2,
      'marker-end': `url(#to-${idOf(kind)})`,
    }),
    element('circle', { cx: label.x, cy: label.y, r: 10, fill: colour }),
    text(label.x, label.y + 4, String(at + 1), {
      'text-anchor': 'middle',
      'font-weight': 700,
      'font-size': 11,
      fill: kind === 'rw' ? '#1a1300' : '#ffffff',
    }),
    text(label.x, label.y + outwards, kind, { 'text-anchor': 'middle', 'font-size': 11, fill: ink('muted') }),
  );
}

/** Where the way from a box's middle to a point leaves the box. */
function edgeOf({ x, y, height }: Box, to: Point): Point {
  const [dx, dy] = [to.x - x, to.y - y];
  const share = Math.min((WIDE / 2 + 5) / Math.abs(dx || 1e-9), (height / 2 + 5) / Math.abs(dy || 1e-9));
  return { x: x + dx * share, y: y + dy * share };
}

function middle(length: number, { x, y }: Point): Html[] | false {
  if (length < 3) return false;
  const at = { 'text-anchor': 'middle' } as const;
  return [
    text(x, y - 8, 'each must come before the next:', { ...at, fill: ink('muted') }),
    text(x, y + 12, 'no order is possible', { ...at, 'font-weight': 650, fill: ink('bad') }),
  ];
}

function arrowHead(kind: string): Html {
  return html`<marker
    id="to-${idOf(kind)}"
    viewBox="0 0 8 8"
    refX="7"
    refY="4"
    markerWidth="6"
    markerHeight="6"
    orient="auto"
    ><path d="M0 0L8 4L0 8z" fill="${ink(tokens[kind] ?? 'other')}"
  /></marker>`;
}

function idOf(kind: string): string {
  return kind.replace(/\W/g, '-');
}

function r(n: number): string {
  return String(Math.round(n * 10) / 10);
}

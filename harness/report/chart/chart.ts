import type { Size } from '../figure/frame.ts';
import type { Html } from '../html.ts';
import type { Course } from '../measure.ts';
import { ink } from '../palette.ts';
import { element, hatch, line, picture, text } from '../svg.ts';
import type { Spell } from '../nodes.ts';
import type { Struck } from '../struck.ts';
import { bands } from './band.ts';
import { frameOf, type Frame } from './frame.ts';
import { latencies } from './latencies.ts';
import { nodeRows } from './node-rows.ts';
import { rates } from './rates.ts';

/** What is drawn: the run's course, and what happened to the run meanwhile. */
export interface Drawn {
  readonly course: Course;
  readonly faults: readonly Struck[];
  /** Nodes of which something is known, and what. */
  readonly nodes: readonly string[];
  readonly spells: readonly Spell[];
  /** When the counterexamples happened. */
  readonly anomalies: readonly number[];
  /** Tells it from other charts of its size on the same page. */
  readonly id?: string;
}

/** The whole run: faults shaded through everything, roles of nodes, throughput, latency, counterexamples flagged. */
export function chart({ course, faults, nodes, spells, anomalies, id }: Drawn, size: Size): Html {
  const rows = rowsOf(faults);
  const heads = Math.max(1, ...rows.map((row) => row + 1));
  const frame = frameOf(course, heads, nodes.length, size, id ?? size);
  return picture(
    frame.right + 12,
    frame.bottom + 24,
    `Throughput and latency over ${course.seconds.toFixed(0)} seconds, with ${faults.length} faults.`,
    element('defs', {}, hatch(`lost-${frame.id}`, 5, ink('unknown'))),
    bands(faults, rows, frame),
    nodeRows(nodes, spells, frame.nodesTop, frame),
    times(frame),
    rates(frame),
    latencies(frame),
    anomalies.map((at, i) => flag(at, i + 1, frame)),
  );
}

/** The row of each fault's head, so that those in force at the same time stand below each other. */
function rowsOf(faults: readonly Struck[]): number[] {
  const busy: number[] = [];
  return faults.map(({ from, to = Infinity }) => {
    const free = busy.findIndex((until) => until <= from);
    const row = free < 0 ? busy.length : free;
    busy[row] = to;
    return row;
  });
}

function times({ course, left, right, x, rate, bottom }: Frame): Html[] {
  const step = nice(course.seconds / ((right - left) / 90));
  const count = Math.floor(course.seconds / step) + 1;
  return Array.from({ length: count }, (_, i) => {
    const time = i * step;
    return element(
      'g',
      {},
      line(x(time), rate.top, x(time), bottom, { stroke: ink('line') }),
      x(time) < right - 20 &&
        text(x(time), bottom + 16, `${Number(time.toFixed(3))} s`, {
          'font-size': 11,
          'text-anchor': 'middle',
          fill: ink('muted'),
        }),
    );
  });
}

function flag(at: number, number: number, { x, rate, bottom }: Frame): Html {
  const a = x(at);
  const corner = `M${Math.round(a - 7)} ${rate.top - 12}h14v11l-7 6l-7-6z`;
  return element(
    'g',
    { class: 'flag' },
    element('title', {}, `anomaly ${number}`),
    line(a, rate.top - 8, a, bottom, { stroke: ink('bad'), 'stroke-width': 1.5 }),
    element('path', { d: corner, fill: ink('bad-fill') }),
    text(a, rate.top - 3, String(number), {
      'font-size': 10,
      'font-weight': 700,
      'text-anchor': 'middle',
      fill: '#ffffff',
    }),
  );
}

/** 1, 2 or 5 times a power of ten, and at least `least`. */
function nice(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

import type { Size } from '../figure/frame.ts';
import type { Html } from '../html.ts';
import type { Course } from '../measure.ts';
import { ink } from '../palette.ts';
import { element, hatch, line, picture, text } from '../svg.ts';
import type { Struck } from '../struck.ts';
import { band } from './band.ts';
import { BOTTOM, frameOf, RATE, type Frame } from './frame.ts';
import { latencies } from './latencies.ts';
import { rates } from './rates.ts';

/** Throughput and latency over the whole run, faults shaded behind them, and where the counterexample happened. */
export function chart(
  course: Course,
  faults: readonly Struck[],
  anomalies: readonly number[],
  size: Size,
): Html {
  const frame = frameOf(course, size);
  return picture(
    frame.right + 12,
    BOTTOM + 24,
    `Throughput and latency over ${course.seconds.toFixed(0)} seconds, with ${faults.length} faults.`,
    element('defs', {}, hatch(`lost-${size}`, 5, ink('unknown'))),
    faults.map((fault) => band(fault, frame)),
    times(frame),
    rates(frame),
    latencies(frame),
    anomalies.map((at, i) => flag(at, i + 1, frame)),
  );
}

function times({ course, left, right, x }: Frame): Html[] {
  const step = nice(course.seconds / ((right - left) / 90));
  const count = Math.floor(course.seconds / step) + 1;
  return Array.from({ length: count }, (_, i) => {
    const time = i * step;
    return element(
      'g',
      {},
      line(x(time), RATE.top, x(time), BOTTOM, { stroke: ink('line') }),
      x(time) < right - 20 &&
        text(x(time), BOTTOM + 16, `${Number(time.toFixed(3))} s`, {
          'font-size': 11,
          'text-anchor': 'middle',
          fill: ink('muted'),
        }),
    );
  });
}

function flag(at: number, number: number, { x }: Frame): Html {
  const a = x(at);
  const corner = `M${Math.round(a - 7)} ${RATE.top - 12}h14v11l-7 6l-7-6z`;
  return element(
    'g',
    { class: 'flag' },
    element('title', {}, `anomaly ${number}`),
    line(a, RATE.top - 8, a, BOTTOM, { stroke: ink('bad'), 'stroke-width': 1.5 }),
    element('path', { d: corner, fill: ink('bad-fill') }),
    text(a, RATE.top - 3, String(number), {
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

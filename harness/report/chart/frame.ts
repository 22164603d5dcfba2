import type { Size } from '../figure/frame.ts';
import type { Html } from '../html.ts';
import type { Course } from '../measure.ts';
import { ink, type Token } from '../palette.ts';
import { text } from '../svg.ts';

interface Plot {
  readonly top: number;
  readonly height: number;
}

/** Where everything in the chart goes. */
export interface Frame {
  /** Of this chart among those of the page. */
  readonly id: string;
  readonly left: number;
  readonly right: number;
  readonly course: Course;
  readonly nodesTop: number;
  readonly rate: Plot;
  readonly latency: Plot;
  readonly bottom: number;
  readonly x: (seconds: number) => number;
}

export const NODE_ROW = 16;
/** The height of a row of fault heads. */
export const HEAD = 20;
const PLOT = 96;

export function frameOf(course: Course, heads: number, nodes: number, size: Size, id: string): Frame {
  const left = size === 'wide' ? 74 : 54;
  const right = size === 'wide' ? 1328 : 392;
  const nodesTop = 6 + heads * HEAD;
  const rate = { top: nodesTop + nodes * NODE_ROW + 14, height: PLOT };
  const latency = { top: rate.top + PLOT + 22, height: PLOT };
  return {
    id,
    left,
    right,
    course,
    nodesTop,
    rate,
    latency,
    bottom: latency.top + PLOT,
    x: (seconds) => left + (Math.min(seconds, course.seconds) / course.seconds) * (right - left),
  };
}

/** What a height stands for, to the left of the chart. */
export function scale({ left }: Frame, y: number, label: string, token: Token = 'muted'): Html {
  return text(left - 8, y, label, { 'font-size': 11, 'text-anchor': 'end', fill: ink(token) });
}

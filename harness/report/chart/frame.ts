import type { Size } from '../figure/frame.ts';
import type { Html } from '../html.ts';
import type { Course } from '../measure.ts';
import { ink, type Token } from '../palette.ts';
import { text } from '../svg.ts';

/** Where everything in the chart goes. */
export interface Frame {
  readonly size: Size;
  readonly left: number;
  readonly right: number;
  readonly course: Course;
  x(seconds: number): number;
}

export const RATE = { top: 36, height: 96 } as const;
export const LATENCY = { top: 154, height: 96 } as const;
export const BOTTOM: number = LATENCY.top + LATENCY.height;

export function frameOf(course: Course, size: Size): Frame {
  const left = size === 'wide' ? 74 : 54;
  const right = size === 'wide' ? 1328 : 392;
  return {
    size,
    left,
    right,
    course,
    x: (seconds) => left + (Math.min(seconds, course.seconds) / course.seconds) * (right - left),
  };
}

/** What a height stands for, to the left of the chart. */
export function scale({ left }: Frame, y: number, label: string, token: Token = 'muted'): Html {
  return text(left - 8, y, label, { 'font-size': 11, 'text-anchor': 'end', fill: ink(token) });
}

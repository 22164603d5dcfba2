import { elasticAxis, type Demand, type ElasticAxis } from '../elastic-axis.ts';
import { replyOf, type Proof } from '../proof.ts';
import type { DrawnOperation } from '../../record/result.ts';
import { asked, clip, name, observes, span } from '../words.ts';

/** How much room there is. `narrow` is for phones: names stand above their lanes instead of beside them. */
export type Size = 'wide' | 'narrow';

/** Where everything in the figure goes. */
export interface Frame {
  readonly size: Size;
  readonly left: number;
  readonly right: number;
  readonly axis: ElasticAxis;
  /** The top of each client's bars. */
  readonly lane: ReadonlyMap<number, number>;
  /** Whether it is too wide to be shrunk into its place: then it is scrolled. */
  readonly broad: boolean;
  /** The line under the lanes. */
  readonly bottom: number;
}

export const BAR = 25;
export const FAULT = 23;
/** How wide a character of a label is, about. Nothing can be measured here, so a little is added. */
export const MONO = 7.7;
export const SANS = 7;

export function layOut(proof: Proof, size: Size): Frame {
  const { operations, counterexample } = proof;
  const wide = size === 'wide';
  const left = wide ? 136 : 12;
  const right = wide ? 986 : 404;
  const unanswered = operations.some((operation) => operation.return === undefined);
  const times = timesOf(operations);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const edges = counterexample.faults
    .flatMap(({ from, to }) => [from, to ?? Infinity])
    .filter((time) => time > first && time < last);
  const axis = elasticAxis(
    [...times, ...edges],
    demands(proof, times),
    left + (wide ? 26 : 8),
    right - (wide ? (unanswered ? 116 : 78) : 10),
  );
  const top = 14 + counterexample.faults.length * FAULT;
  const pitch = wide ? 44 : 58;
  const clients = [...new Set(operations.map(({ process }) => process))];
  return {
    size,
    left,
    right: Math.max(right, axis.end + 26),
    broad: axis.end + 26 > right * (wide ? 1.3 : 1.7),
    axis,
    lane: new Map(clients.map((process, i) => [process, top + (wide ? 14 : 26) + i * pitch])),
    bottom: top + clients.length * pitch + 6,
  };
}

/** Every call and return, in order. */
export function timesOf(operations: readonly DrawnOperation[]): number[] {
  const times = operations.flatMap(({ call, return: end }) => (end === undefined ? [call] : [call, end]));
  return [...new Set(times)].toSorted((a, b) => a - b);
}

/** Bars need room for their words, moments for their times, the gap for its length. */
function demands(proof: Proof, times: readonly number[]): Demand[] {
  const { operations, against, decimals } = proof;
  const bars = operations.flatMap((operation) =>
    operation.return === undefined
      ? []
      : [{ from: operation.call, to: operation.return, width: barText(operation, proof).length * MONO + 18 }],
  );
  const label = (decimals + 4) * SANS + 8;
  // With many moments their times are left out where they do not fit, or nothing would.
  const labels =
    times.length > 16 ? [] : times.slice(1).map((to, i) => ({ from: times[i] as number, to, width: label }));
  const gap = against && { from: against.from, to: against.to, width: gapText(proof).length * SANS + 52 };
  return [...bars, ...labels, ...(gap ? [gap] : [])];
}

/** `read → 14`, `write 15 ok`, `cas 3 → 4 refused`. */
export function barText(operation: DrawnOperation, proof: Proof): string {
  const joint = observes(operation) && operation.f !== 'cas' ? ' → ' : ' ';
  return clip(`${asked(operation)}${joint}${replyOf(proof, operation)}`, 44);
}

/** `196 ms later`, `12 ms before its write began`. */
export function gapText({ against }: Proof): string {
  if (against === undefined) return '';
  const apart = span(against.to - against.from);
  return against.relation === 'later'
    ? `${apart} later`
    : `${apart} before that ${name(against.operation.f, 12)}`;
}

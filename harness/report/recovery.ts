import type { History } from 'knossos-js';
import type { Struck } from './struck.ts';

/** What a fault did to throughput, and how long after its heal it was back. Rates are `ok` operations per second. */
export interface Recovery {
  /** Before the fault, while none was in force; `undefined` where there was no such time to measure. */
  readonly before: number | undefined;
  readonly lowest: number;
  /** From the strike until it was so again while the fault was still in force: what a failover took. */
  readonly failover?: number;
  /** From the heal until throughput was at {@link ENOUGH} of what it was before. */
  readonly seconds?: number;
  /** Why there are no seconds. */
  readonly because?: string;
}

const ENOUGH = 0.8;
/** As long as this is looked back to learn what throughput was before. */
const LOOK_BACK = 5;
const WINDOW = 0.5;
const STEP = 0.05;

/** `loadEnds`: when the load ended, in seconds, where that was before the last operation. */
export function recoveries(history: History, faults: readonly Struck[], loadEnds = Infinity): Recovery[] {
  const ends = okEnds(history);
  const last = Math.min(loadEnds, ends.at(-1) ?? 0);
  return faults.map((fault): Recovery => {
    const others = faults.filter((other) => other !== fault);
    const calmFrom = Math.max(
      0,
      fault.from - LOOK_BACK,
      ...others.map(({ to, from }) => (from < fault.from ? (to ?? fault.from) : 0)),
    );
    const calm = fault.from - calmFrom;
    const before = calm >= 1 ? rate(ends, calmFrom, fault.from) : undefined;
    // Slow systems are looked at through a longer window, or a lull between two operations would count as an outage.
    const window = Math.max(WINDOW, before ? 20 / before : 0);
    const until = fault.to ?? last;
    const lowest = lowestRate(ends, fault.from, until, window);
    if (before === undefined) return { before, lowest, because: 'no calm before it to compare with' };
    if (before === 0) return { before, lowest, because: 'nothing succeeded before it' };
    if (fault.to === undefined) return { before, lowest, because: 'it was never healed' };
    const next = Math.min(
      Infinity,
      ...others.filter(({ from }) => from > fault.from).map(({ from }) => from),
    );
    const enough = ENOUGH * before;
    const failover = lastBelow(ends, fault.from, fault.to, window, enough);
    const during = failover < fault.to - fault.from ? { failover } : {};
    for (let t = fault.to; t + window <= last; t += STEP) {
      if (t > next) return { before, lowest, because: 'not before the next fault struck' };
      if (rate(ends, t, t + window) >= enough) return { before, lowest, seconds: t - fault.to, ...during };
    }
    if (last - fault.to < window) return { before, lowest, because: 'the load ended with it' };
    return {
      before,
      lowest,
      because: `not within the ${Math.max(0, last - fault.to).toFixed(1)} s that were left`,
    };
  });
}

/** When each `ok` operation returned, in seconds, sorted. */
function okEnds(history: History): Float64Array {
  const ends = new Float64Array(history.length);
  let n = 0;
  for (let i = 0; i < history.length; i++)
    if (history.outcome[i] === 0) ends[n++] = (history.returnTime[i] as number) / 1e9;
  return ends.subarray(0, n).toSorted();
}

function rate(ends: Float64Array, from: number, to: number): number {
  return (returnedBefore(ends, to) - returnedBefore(ends, from)) / (to - from);
}

function lowestRate(ends: Float64Array, from: number, to: number, window: number): number {
  let lowest = rate(ends, from, Math.max(to, from + window));
  for (let t = from; t + window <= to; t += STEP) lowest = Math.min(lowest, rate(ends, t, t + window));
  return lowest;
}

/** How long after `from` throughput was last too low, up to `to` where it still was then. */
function lastBelow(ends: Float64Array, from: number, to: number, window: number, enough: number): number {
  for (let t = to - window; t >= from; t -= STEP)
    if (rate(ends, t, t + window) < enough) return t + window - from;
  return 0;
}

/** How many returned before `time`. */
function returnedBefore(ends: Float64Array, time: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

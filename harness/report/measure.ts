import type { History } from 'knossos-js';
import type { Metrics } from '../record/result.ts';

/** What a run did over time, in equal steps. */
export interface Course {
  readonly seconds: number;
  readonly step: number;
  /** Operations that ended in each step, per second. */
  readonly ok: Float64Array;
  readonly failed: Float64Array;
  readonly unknown: Float64Array;
  /** Of `ok` operations that ended in the step, in milliseconds; 0 where there were none. */
  readonly p50: Float64Array;
  readonly p99: Float64Array;
  /** As many operations per second as the scale has to reach at least: where two courses are to be compared by eye. */
  readonly tallest?: number;
}

const OK = 0;
const FAILED = 1;

/** An unknown outcome counts in the step in which its client gave up, or, where it never did, in the last. */
export function courseOf(history: History, seconds: number, steps: number): Course {
  const step = seconds / steps;
  const counts = [new Float64Array(steps), new Float64Array(steps), new Float64Array(steps)] as const;
  const latencies: number[][] = Array.from({ length: steps }, () => []);
  for (let i = 0; i < history.length; i++) {
    const end = Math.min(history.returnTime[i] as number, seconds * 1e9);
    const at = Math.min(steps - 1, Math.floor(end / 1e9 / step));
    const outcome = history.outcome[i] as number;
    const column = outcome === OK ? counts[0] : outcome === FAILED ? counts[1] : counts[2];
    column[at] = (column[at] as number) + 1 / step;
    if (outcome === OK) latencies[at]?.push((end - (history.callTime[i] as number)) / 1e6);
  }
  for (const of of latencies) of.sort((a, b) => a - b);
  return {
    seconds,
    step,
    ok: counts[0],
    failed: counts[1],
    unknown: counts[2],
    p50: Float64Array.from(latencies, (sorted) => quantile(sorted, 0.5)),
    p99: Float64Array.from(latencies, (sorted) => quantile(sorted, 0.99)),
  };
}

/** How the operations ended, and the latencies of those that were `ok`. The same as the verdict's own figures. */
export function tallyOf(
  history: History,
): Pick<Metrics, 'operations' | 'ok' | 'failed' | 'unknown' | 'latencyMs'> {
  const took: number[] = [];
  let failed = 0;
  for (let i = 0; i < history.length; i++) {
    if (history.outcome[i] === OK)
      took.push(((history.returnTime[i] as number) - (history.callTime[i] as number)) / 1e6);
    else if (history.outcome[i] === FAILED) failed++;
  }
  const sorted = Float64Array.from(took).sort();
  return {
    operations: history.length,
    ok: sorted.length,
    failed,
    unknown: history.length - sorted.length - failed,
    latencyMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? 0 },
  };
}

/** When the last event of the history was written down, in seconds. */
export function lastsSeconds(history: History): number {
  let last = 0;
  for (let i = 0; i < history.length; i++) {
    const end = history.returnTime[i] as number;
    const at = end === Infinity ? (history.callTime[i] as number) : end;
    if (at > last) last = at;
  }
  return last / 1e9;
}

function quantile(sorted: ArrayLike<number>, q: number): number {
  return sorted.length === 0
    ? 0
    : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number);
}

import type { Run } from './load.ts';

/** The whole run in a fixed number of bins, for when there are too many operations in view to look at each. */
export interface Totals {
  readonly bins: number;
  /** How many ended in each bin: ok, failed, unknown. */
  readonly counts: readonly [Float64Array, Float64Array, Float64Array];
  /** How many took so long, {@link STEPS} steps of latency a bin. */
  readonly heat: Uint16Array;
}

export const STEPS = 26;
const BINS = 2048;

export function totalsOf(run: Run, mask: Uint8Array | undefined): Totals {
  const counts = [new Float64Array(BINS), new Float64Array(BINS), new Float64Array(BINS)] as const;
  const heat = new Uint16Array(BINS * STEPS);
  const scale = BINS / run.lasts;
  for (let row = 0; row < run.start.length; row++) {
    if (mask !== undefined && mask[row] === 0) continue;
    const [start, end] = [run.start[row] as number, run.end[row] as number];
    const of = counts[run.outcome[row] as 0 | 1 | 2];
    const bin = Math.min(BINS - 1, Math.floor(end * scale));
    of[bin] = (of[bin] as number) + 1;
    const began = Math.min(BINS - 1, Math.floor(start * scale));
    const cell = began * STEPS + Math.min(STEPS - 1, Math.floor(height(end - start) * STEPS));
    if ((heat[cell] as number) < 65_535) heat[cell]!++;
  }
  return { bins: BINS, counts, heat };
}

/** Where a latency stands between 100 µs (0) and 10 s (1), by powers of ten. */
export function height(micros: number): number {
  return Math.max(0, Math.min(1, Math.log10(Math.max(1, micros) / 100) / 5));
}

/** The first row that is called at `time` or later; rows are in order of call. */
export function rowFrom(run: Run, time: number): number {
  let [low, high] = [0, run.start.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run.start[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

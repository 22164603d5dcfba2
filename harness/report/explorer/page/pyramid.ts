import type { Lanes } from './lanes.ts';
import type { Run } from './load.ts';

/**
 * Every lane in ever coarser bins, so that drawing costs as much as there are pixels and not as there are operations.
 *
 * A bin knows the worst thing that happened in it ({@link BUSY} … {@link BROKEN}) and how much of it was busy. A level
 * has half the bins of the one below.
 */
export interface Level {
  readonly bins: number;
  readonly worst: Uint8Array;
  readonly busy: Uint8Array;
}

const BUSY = 1;
export const FAILED = 2;
export const UNKNOWN = 3;
export const BROKEN = 4;

/** Of the finest level, over all lanes: 16 MB a column. */
const MOST_BINS = 2 ** 24;

export function pyramidOf(
  run: Run,
  lanes: Lanes,
  mask: Uint8Array | undefined,
  broken: ReadonlySet<number>,
): Level[] {
  const count = Math.max(1, lanes.names.length);
  const finest = Math.max(9, Math.min(16, Math.floor(Math.log2(MOST_BINS / count))));
  const levels = [finestOf(run, lanes, mask, broken, 2 ** finest)];
  for (let power = finest - 1; power >= 9; power--) levels.push(halved(levels.at(-1) as Level, count));
  return levels;
}

function finestOf(
  run: Run,
  { laneOf, names }: Lanes,
  mask: Uint8Array | undefined,
  broken: ReadonlySet<number>,
  bins: number,
): Level {
  const worst = new Uint8Array(names.length * bins);
  const busy = new Uint8Array(names.length * bins);
  const scale = bins / run.lasts;
  for (let row = 0; row < laneOf.length; row++) {
    if ((mask !== undefined && mask[row] === 0) || (laneOf[row] as number) < 0) continue;
    const [start, end] = [(run.start[row] as number) * scale, (run.end[row] as number) * scale];
    const outcome = run.outcome[row] as number;
    const code = broken.has(row) ? BROKEN : outcome === 0 ? BUSY : outcome === 1 ? FAILED : UNKNOWN;
    const base = (laneOf[row] as number) * bins;
    const last = Math.min(bins - 1, Math.floor(end));
    for (let bin = Math.min(bins - 1, Math.floor(start)); bin <= last; bin++) {
      const covered = Math.min(end, bin + 1) - Math.max(start, bin);
      busy[base + bin] = Math.min(255, (busy[base + bin] as number) + Math.max(16, covered * 255));
      if (code > (worst[base + bin] as number)) worst[base + bin] = code;
    }
  }
  return { bins, worst, busy };
}

/** Lanes lie one after the other and have an even number of bins, so neighbours in memory are neighbours in time. */
function halved({ bins, worst, busy }: Level, lanes: number): Level {
  const half = bins / 2;
  const up = { bins: half, worst: new Uint8Array(lanes * half), busy: new Uint8Array(lanes * half) };
  for (let i = 0; i < up.worst.length; i++) {
    up.worst[i] = Math.max(worst[2 * i] as number, worst[2 * i + 1] as number);
    up.busy[i] = ((busy[2 * i] as number) + (busy[2 * i + 1] as number) + 1) >> 1;
  }
  return up;
}

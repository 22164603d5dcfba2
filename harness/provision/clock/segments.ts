import type { Skew } from '../../clock.ts';

/**
 * A bent clock, as a row of pieces. In a piece that begins at the true time `from`, a clock shows
 *
 *     t + ahead + (t - from) * rate / 2^32, and `by` more in every other period of `every`
 *
 * Times are nanoseconds. All zero is a clock that is right.
 */
export interface Segment {
  readonly from: bigint;
  readonly ahead: bigint;
  /** How much faster than it should be, in 2^-32. */
  readonly rate: bigint;
  readonly every: bigint;
  readonly by: bigint;
}

export const truth: Segment = { from: 0n, ahead: 0n, rate: 0n, every: 0n, by: 0n };

/** How a process's configuration is laid out: a line for each clock, and on it how many pieces there were, and the last four. */
export const layout = { wall: 0, monotonic: 168, length: 336, ring: 8, segment: 40, segments: 4 } as const;

/** What a clock in this piece shows at a true time. The stub says the same, in machine code. */
export function shown({ from, ahead, rate, every, by }: Segment, t: bigint): bigint {
  const since = t - from;
  const strobe = every !== 0n && (since / every) % 2n !== 0n ? by : 0n;
  const bent = t + ahead + ((since * rate) >> 32n) + strobe;
  return bent < 0n ? 0n : bent;
}

/**
 * The coarse clocks, by which time() and others go, are behind by up to a tick of the kernel. A piece that only jumps begins
 * that much earlier, so that they jump with the others.
 */
const tickNs = 20_000_000n;

/** The piece that begins now, of a clock that was on another one so far. */
export function bend(before: Segment, { aheadMs, jumpMs = 0, rate = 1, strobe }: Skew, now: bigint): Segment {
  // A strobe comes and goes by itself: what it adds is no place to go on from.
  const here = shown({ ...before, by: 0n }, now) - now;
  return {
    from: rate === 1 && strobe === undefined ? now - tickNs : now,
    ahead: (aheadMs === undefined ? here : nanoseconds(aheadMs)) + nanoseconds(jumpMs),
    rate: BigInt(Math.round((rate - 1) * 2 ** 32)),
    every: nanoseconds(strobe?.everyMs ?? 0),
    by: nanoseconds(strobe?.byMs ?? 0),
  };
}

/** Whether whoever went on with the piece before, for a moment too long, would have to go back. */
export function falls(before: Segment, after: Segment, now: bigint): boolean {
  return after.rate < before.rate || shown(after, now) < shown(before, now);
}

/** Whether a clock on this piece is right. */
export function isTrue({ ahead, rate, by }: Segment): boolean {
  return ahead === 0n && rate === 0n && by === 0n;
}

export function encode({ from, ahead, rate, every, by }: Segment): Buffer {
  const bytes = Buffer.alloc(layout.segment);
  [from, ahead, rate, every, by].forEach((value, i) => bytes.writeBigInt64LE(value, 8 * i));
  return bytes;
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

import type { Budget } from '../linearizable/budget.ts';
import { READ } from '../linearizable/register/steps.ts';
import { NEVER } from '../table/builder.ts';
import type { Versions } from './versions.ts';

/** How old what each read returned was, in any order of the writes; and in which order versions came to be there. */
export interface Ages {
  /** For each read how many newer versions were certainly there when it was called. No order of the writes makes it fewer. */
  readonly behind: Int32Array;
  /** For each read how many nanoseconds the first of those had been there; NaN where the history has no times. */
  readonly nanoseconds: Float64Array;
  /** Of each key, between its `begin` and its `end`, the versions that were certainly there at some time, as they came to be. */
  readonly order: Int32Array;
  readonly end: Int32Array;
  /** What happens at a position: a version is first certainly there; or read `i` is called, as {@link asks} of `i`; −1 for nothing. */
  readonly events: Int32Array;
  /** For each version its key, at key + 1. */
  readonly keyOf: Int32Array;
  /** The time of each position. Clocks that went back are read as having stood still. */
  readonly time: Float64Array;
}

/** So many versions are looked over for one read; if there are more, they are counted. */
const LOOKED_OVER = 64;

/**
 * A version is *certainly newer* than another if it began to be written after that one had certainly been there, and it is
 * certainly there once its write, or a read of it, has returned:
 *
 * ```
 * write 1     |────|
 * read → 1           |────|                                        1 was there
 * write 2                    |───────────────────────────|         so 2 is newer
 * read → 2                         |────|                          and here is 2
 * read → 1                                   |────|                one version behind, since the end of the read of 2
 * ```
 *
 * Counting them is exact for each read by itself: there is an order of the writes, respecting real time, in which it missed
 * no others. All reads together may need more, as they have to agree on one order; see orders.ts.
 *
 * One pass over the events. Where a read may be behind, what was written since is looked over, or if that is much, counted
 * in a second pass with a Fenwick tree: n log n.
 */
export function agesOf(versions: Versions, budget: Budget): Ages {
  const { steps, at, begin, count, exact, call, first, until, seen } = versions;
  const { length, history } = steps;
  const { events, keyOf } = moments(versions, budget);
  const time = timesOf(versions, budget);
  const behind = new Int32Array(length);
  const nanoseconds = new Float64Array(length);
  const order = new Int32Array(count);
  const end = begin.slice(0, exact.length);
  /** For each key the last call among the versions that are there: only a read of something older than that can be behind. */
  const lastCall = new Int32Array(exact.length).fill(-1);
  for (let k = 0; k < exact.length; k++) order[end[k]!++] = begin[k] as number;
  let earliest: Int32Array | undefined;
  const toCount: number[] = [];
  for (let p = 0; p <= at.last; p++) {
    budget.pass(p);
    const event = events[p] as number;
    if (event >= 0) {
      const k = keyOf[event] as number;
      order[end[k]!++] = event;
      if ((call[event] as number) > (lastCall[k] as number)) lastCall[k] = call[event] as number;
    }
    if (event >= -1) continue;
    const i = asks(event);
    const k = (history.key[i] as number) + 1;
    const past = until[i] as number;
    if (past >= (lastCall[k] as number)) continue;
    earliest ??= earliestFrom(versions);
    // What it saw was called before that, and not much before mostly.
    const low = Math.max(begin[k] as number, seen[i] as number);
    const from = firstCalledAfter(past, call, low, begin[k + 1] as number);
    const to = firstCalledAfter(p, call, from, begin[k + 1] as number);
    nanoseconds[i] = (time[p] as number) - (time[earliest[from] as number] as number);
    if (to - from > LOOKED_OVER) toCount.push(i);
    else for (let newer = from; newer < to; newer++) if ((first[newer] as number) < p) behind[i]!++;
  }
  const ages = { behind, nanoseconds, order, end, events, keyOf, time };
  if (toCount.length > 0) countBehind(versions, ages, toCount, budget);
  return ages;
}

/** Fills in `behind` for reads that may have missed many versions, in order of call. */
function countBehind(
  { steps: { history }, at, begin, count, call, until }: Versions,
  { behind, events }: Ages,
  reads: readonly number[],
  budget: Budget,
): void {
  const tree = new Counts(count);
  let p = 0;
  for (const i of reads) {
    for (; p < (at.call[i] as number); p++) {
      budget.pass(p);
      if ((events[p] as number) >= 0) tree.add(events[p] as number);
    }
    const k = (history.key[i] as number) + 1;
    const from = firstCalledAfter(until[i] as number, call, begin[k] as number, begin[k + 1] as number);
    behind[i] = tree.between(from, begin[k + 1] as number);
  }
}

function moments(
  { steps, at, begin, count, first, exact }: Versions,
  budget: Budget,
): Pick<Ages, 'events' | 'keyOf'> {
  const keyOf = new Int32Array(count);
  for (let k = 0; k < exact.length; k++) keyOf.fill(k, begin[k], begin[k + 1]);
  const events = new Int32Array(at.last + 1).fill(-1);
  for (let v = 0; v < count; v++) {
    budget.pass(v);
    const p = first[v] as number;
    if (p >= 0 && p !== NEVER) events[p] = v;
  }
  for (let i = 0; i < steps.length; i++) {
    budget.pass(i);
    if (steps.kind[i] === READ) events[at.call[i] as number] = asks(i);
  }
  return { events, keyOf };
}

/** The call of a read among events, and back. */
export function asks(read: number): number {
  return -2 - read;
}

/** For each version the first position at which it, or one of its key that was called later, is certainly there. */
function earliestFrom({ begin, first, exact, count }: Versions): Int32Array {
  const earliest = new Int32Array(count + 1).fill(NEVER);
  for (let k = 0; k < exact.length; k++)
    for (let v = (begin[k + 1] as number) - 1, soonest = NEVER; v >= (begin[k] as number); v--)
      earliest[v] = soonest = Math.min(soonest, first[v] as number);
  return earliest;
}

function timesOf({ steps: { length, history }, at }: Versions, budget: Budget): Float64Array {
  const time = new Float64Array(at.last + 1);
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    time[at.call[i] as number] = history.callTime[i] as number;
    if (at.return[i] !== NEVER) time[at.return[i] as number] = history.returnTime[i] as number;
  }
  for (let p = 1; p <= at.last; p++)
    if ((time[p] as number) < (time[p - 1] as number)) time[p] = time[p - 1] as number;
  return time;
}

/** The first version from `low` and before `high` whose write was called after a position; `high` if none was. */
function firstCalledAfter(position: number, call: Int32Array, low: number, high: number): number {
  // Mostly it is near.
  for (let step = 1; low + step < high; step *= 2) {
    if ((call[low + step] as number) > position) {
      high = low + step;
      break;
    }
    low += step;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((call[middle] as number) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A Fenwick tree: how many of a range have been added. */
class Counts {
  readonly #sums: Int32Array;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  add(place: number): void {
    for (let i = place + 1; i < this.#sums.length; i += i & -i) this.#sums[i]!++;
  }

  between(from: number, to: number): number {
    return this.#before(to) - this.#before(from);
  }

  #before(place: number): number {
    let sum = 0;
    for (let i = place; i > 0; i -= i & -i) sum += this.#sums[i] as number;
    return sum;
  }
}

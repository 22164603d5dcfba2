import type { Budget } from '../linearizable/budget.ts';
import { READ } from '../linearizable/register/steps.ts';
import { NEVER } from '../table/builder.ts';
import type { Versions } from './versions.ts';

/** How old what each read returned was, in any order of the writes; and in which order they were first seen to be there. */
export interface Ages {
  /** For each read how many newer versions were certainly there when it was called. No order of the writes makes it fewer. */
  readonly behind: Int32Array;
  /** For each read how many nanoseconds the first of those had been there; NaN where the history has no times. */
  readonly nanoseconds: Float64Array;
  /**
   * For each key, at key + 1, a number of versions that some order makes every read at most behind; `Infinity` for keys
   * that are not exact.
   */
  readonly atMost: Float64Array;
  /** Of each key, between its `begin` and {@link Ages.end}, the versions that were certainly there at some time, as they came to be. */
  readonly order: Int32Array;
  readonly end: Int32Array;
  /** The time of each position. Clocks that went back are read as having stood still. */
  readonly time: Float64Array;
}

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
 * no others. All reads together may need more, as they have to agree on one order. Two orders are tried to bound that
 * from above: as versions were first certainly there, and as their zones begin, with that or with the last call of a
 * read, whichever is earlier. Either lies between the call of the write and the first return, so that it respects real
 * time whatever was read, and every read can take effect as soon as everything that ended before it has.
 *
 * One pass over the events, with a Fenwick tree for the count: n log n.
 */
export function agesOf(versions: Versions, budget: Budget): Ages | undefined {
  const { steps, at, begin, count, exact, call, first, seen, until } = versions;
  const { length, kind, history } = steps;
  const keys = exact.length;
  const keyOf = new Int32Array(count);
  for (let k = 0; k < keys; k++) keyOf.fill(k, begin[k], begin[k + 1]);
  const earliest = earliestFrom(versions);
  const time = timesOf(versions);

  /** What happens at a position: a version is certainly there, or a read is called. */
  const there = new Int32Array(at.last + 1).fill(-1);
  const asked = new Int32Array(at.last + 1).fill(-1);
  for (let v = 0; v < count; v++) {
    const p = first[v] as number;
    if (p >= 0 && p !== NEVER) there[p] = v;
  }
  for (let i = 0; i < length; i++) if (kind[i] === READ) asked[at.call[i] as number] = i;

  const behind = new Int32Array(length);
  const nanoseconds = new Float64Array(length);
  const order = new Int32Array(count);
  const end = begin.slice(0, keys);
  const rank = new Int32Array(count);
  const zoneRank = ranksByZone(versions);
  /** Among what is there of a key: the latest by zones. And the most versions behind by the two orders. */
  const latest = new Int32Array(keys);
  const worstByFirst = new Int32Array(keys);
  const worstByZone = new Int32Array(keys);
  const tree = new Counts(count);
  const appear = (v: number): void => {
    const k = keyOf[v] as number;
    rank[v] = end[k] as number;
    order[end[k]!++] = v;
    latest[k] = Math.max(latest[k] as number, zoneRank[v] as number);
    tree.add(v);
  };
  for (let k = 0; k < keys; k++) appear(begin[k] as number);
  for (let p = 0; p <= at.last; p++) {
    if (budget.spent(0)) return undefined;
    const v = there[p] as number;
    if (v >= 0) appear(v);
    const i = asked[p] as number;
    if (i < 0) continue;
    const k = (history.key[i] as number) + 1;
    const past = until[i] as number;
    if (exact[k] && (seen[i] as number) >= 0) {
      const s = seen[i] as number;
      if (past < p)
        worstByFirst[k] = Math.max(worstByFirst[k] as number, (end[k] as number) - 1 - (rank[s] as number));
      worstByZone[k] = Math.max(worstByZone[k] as number, (latest[k] as number) - (zoneRank[s] as number));
    }
    if (past >= p) continue;
    const newer = firstCalledAfter(past, call, begin[k] as number, begin[k + 1] as number);
    if (newer === begin[k + 1] || (earliest[newer] as number) >= p) continue;
    behind[i] = tree.between(newer, begin[k + 1] as number);
    nanoseconds[i] = (time[p] as number) - (time[earliest[newer] as number] as number);
  }
  const atMost = Float64Array.from(exact, (yes, k) =>
    yes ? Math.min(worstByFirst[k] as number, worstByZone[k] as number) : Infinity,
  );
  return { behind, nanoseconds, atMost, order, end, time };
}

/** For each version the first position at which it, or one of its key that was called later, is certainly there. */
function earliestFrom({ begin, first, exact, count }: Versions): Int32Array {
  const earliest = new Int32Array(count + 1).fill(NEVER);
  for (let k = 0; k < exact.length; k++)
    for (let v = (begin[k + 1] as number) - 1, soonest = NEVER; v >= (begin[k] as number); v--)
      earliest[v] = soonest = Math.min(soonest, first[v] as number);
  return earliest;
}

/** The place of each version among those of its key, in order of where their zones begin; nobody asks for those never seen. */
function ranksByZone({ begin, first, last, exact, count, at }: Versions): Int32Array {
  const begins = new Int32Array(at.last + 1).fill(-1);
  const keyOf = new Int32Array(count);
  for (let k = 0; k < exact.length; k++)
    for (let v = begin[k] as number; v < (begin[k + 1] as number); v++) {
      keyOf[v] = k;
      if (first[v] !== NEVER && (first[v] as number) >= 0)
        begins[Math.min(first[v] as number, last[v] as number)] = v;
    }
  const ranks = new Int32Array(count);
  // The initial version comes first of all.
  const next = new Int32Array(exact.length).fill(1);
  for (const v of begins) if (v >= 0) ranks[v] = next[keyOf[v] as number]!++;
  return ranks;
}

function timesOf({ steps: { length, history }, at }: Versions): Float64Array {
  const time = new Float64Array(at.last + 1);
  for (let i = 0; i < length; i++) {
    time[at.call[i] as number] = history.callTime[i] as number;
    if (at.return[i] !== NEVER) time[at.return[i] as number] = history.returnTime[i] as number;
  }
  for (let p = 1; p <= at.last; p++)
    if ((time[p] as number) < (time[p - 1] as number)) time[p] = time[p - 1] as number;
  return time;
}

/** The first version from `low` and before `high` whose write was called after a position; `high` if none was. */
function firstCalledAfter(position: number, call: Int32Array, low: number, high: number): number {
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

import type { History } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { decode } from '../table/values.ts';
import { Places, type Elements } from './places.ts';

/** No operation. */
export const NONE: number = -1;

/**
 * What became of each element of one set, in columns; operations are rows of the history. A read *misses* an element if it
 * was called after the element was known and did not return it.
 */
export interface Sightings {
  readonly count: number;
  readonly values: readonly unknown[];
  /** Who added it, the attempt that may have worked if there were several; {@link NONE} if nobody did. */
  readonly add: Int32Array;
  /** The first operation to return that shows it to be there: its add, or a read. */
  readonly known: Int32Array;
  /** Among the reads that found it, the one called last. */
  readonly lastFound: Int32Array;
  /** Among the reads that missed it: the one called last, and how many were called after it was last found. */
  readonly lastMissed: Int32Array;
  readonly missedSince: Int32Array;
  /** The first read that found it more than once, and how often. */
  readonly twice: Int32Array;
  readonly times: Int32Array;
  readonly reads: number;
}

/**
 * Follows every element of one set through all reads, in order of call. What counts is when an element appears and disappears,
 * so each read is compared with the one before:
 *
 * ```
 * read 7   1 2 3 4 5 6 8
 * read 8   1 2 3 4 6 7 8        5 is gone, 7 has come
 * ```
 *
 * From when it appears to when it disappears, an element was found by a run of reads, and missed by those between two runs
 * that were called after it was known. Time is the size of all reads: a nanosecond or two an element where systems return
 * them in much the same order every time, some thirty where not. Memory is for elements and reads, not for all that was
 * read. `undefined` when time is up.
 */
export function sightings(history: History, rows: ArrayLike<number>, budget: Budget): Sightings | undefined {
  const { adds, reads } = addsAndReads(history, rows, budget);
  const places = new Places(history, adds);
  const runs = new Runs(history, reads, adds.length);
  for (const row of adds) {
    if (budget.spent(0)) return undefined;
    runs.added(places.of(decode(history.input[row] as number, history.values)), row);
  }
  let before: Elements = [];
  for (let turn = 0; turn < reads.length; turn++) {
    const output = decode(history.output[reads[turn] as number] as number, history.values);
    const now = isElements(output) ? output : [];
    if (!follow(before, now, turn, places, runs, budget)) return undefined;
    before = now;
  }
  const found = runs.finish(budget);
  return found && { ...found, count: places.values.length, values: places.values, reads: reads.length };
}

/** So many elements are looked over for one that is next, before a read is taken to be in another order. */
const GONE_AT_ONCE = 16;

/** Finds what has come and what has gone between two reads: side by side as far as that goes, then one by one. */
function follow(
  before: Elements,
  now: Elements,
  turn: number,
  places: Places,
  runs: Runs,
  budget: Budget,
): boolean {
  if (budget.spent(BYTES_PER_ELEMENT * places.values.length)) return false;
  const doubtful: number[] = [];
  let i = 0;
  let j = 0;
  while (i < now.length) {
    if (j < before.length && now[i] === before[j]) {
      i++;
      j++;
      continue;
    }
    const element = places.of(now[i]);
    if (!runs.isInside(element)) {
      runs.isThere(element, turn);
      i++;
      continue;
    }
    let ahead = 1;
    while (ahead <= GONE_AT_ONCE && j + ahead < before.length && before[j + ahead] !== now[i]) ahead++;
    if (ahead > GONE_AT_ONCE || j + ahead >= before.length) break;
    for (; ahead > 0; ahead--) doubtful.push(places.of(before[j++]));
  }
  // What was not found side by side is somewhere else, or is gone, or is there a second time.
  for (; j < before.length; j++) doubtful.push(places.of(before[j]));
  for (const element of doubtful) runs.wasThere(element, turn);
  for (; i < now.length; i++) {
    if (budget.spent(0)) return false;
    runs.isThere(places.of(now[i]), turn);
  }
  for (const element of doubtful)
    if (runs.isMissing(element, turn) && !(runs.isRepeated(element) && has(now, element, places)))
      runs.disappear(element, turn);
  return true;
}

function addsAndReads(
  { names, f, outcome }: History,
  rows: ArrayLike<number>,
  budget: Budget,
): { readonly adds: readonly number[]; readonly reads: readonly number[] } {
  const add = names.indexOf('add');
  const read = names.indexOf('read');
  const adds: number[] = [];
  const reads: number[] = [];
  for (let i = 0; i < rows.length && !budget.spent(0); i++) {
    const row = rows[i] as number;
    if (f[row] === add) adds.push(row);
    else if (f[row] === read && outcome[row] === 0) reads.push(row);
  }
  return { adds, reads };
}

function isElements(output: unknown): output is Elements {
  return Array.isArray(output) || output instanceof Int32Array;
}

function has(elements: Elements, place: number, places: Places): boolean {
  for (let i = 0; i < elements.length; i++) if (places.of(elements[i]) === place) return true;
  return false;
}

const BYTES_PER_ELEMENT = 11 * 4 * 2 + 16;

/** Turns appearances and disappearances into what is known of each element. */
class Runs {
  readonly #history: History;
  readonly #reads: readonly number[];
  /** The turn at which the run began that an element is in, or NONE. */
  #since = column();
  /** The last turn at which an element was handed in as there, and as having been there before. */
  #seen = column();
  #was = column();
  #add = column();
  #known = column();
  #lastFound = column();
  #lastMissed = column();
  #missedSince = column(0);
  #twice = column();
  #times = column(0);
  #count = 0;

  /** There will be `room` elements or so: to make room for many afterwards is one step that takes long. */
  constructor(history: History, reads: readonly number[], room: number) {
    this.#history = history;
    this.#reads = reads;
    this.#grow(room);
    this.#count = 0;
  }

  added(element: number, row: number): void {
    this.#grow(element);
    const { outcome } = this.#history;
    // An element that is added again after a failure counts as added by the attempt that may have worked.
    const add = this.#add[element] as number;
    if (add === NONE || outcome[add] === 1) this.#add[element] = row;
    if (outcome[row] === 0) this.#learn(element, row);
  }

  wasThere(element: number, turn: number): void {
    this.#was[element] = turn;
  }

  isThere(element: number, turn: number): void {
    this.#grow(element);
    if (this.#seen[element] === turn) this.#repeat(element, turn);
    else if (this.#since[element] === NONE) this.#appear(element, turn);
    // It was there before, but not behind what is alike: so it is among that, and here again.
    else if (this.#was[element] !== turn) this.#repeat(element, turn);
    this.#seen[element] = turn;
  }

  isInside(element: number): boolean {
    return element < this.#count && this.#since[element] !== NONE;
  }

  isMissing(element: number, turn: number): boolean {
    return this.#seen[element] !== turn && this.#since[element] !== NONE;
  }

  isRepeated(element: number): boolean {
    return this.#twice[element] !== NONE;
  }

  disappear(element: number, turn: number): void {
    const reads = this.#reads;
    const { call, return: returned } = this.#history;
    const since = this.#since[element] as number;
    this.#since[element] = NONE;
    this.#lastFound[element] = reads[turn - 1] as number;
    // The first to return began before the others that found it had returned: only those that overlap it matter.
    for (
      let t = since;
      t < turn && (call[reads[t] as number] as number) < (returned[this.#known[element] as number] as number);
      t++
    )
      this.#learn(element, reads[t] as number);
  }

  /** `undefined` when time is up. */
  finish(budget: Budget): Omit<Sightings, 'count' | 'values' | 'reads'> | undefined {
    const turns = this.#reads.length;
    for (let element = 0; element < this.#count; element++) {
      if (budget.spent(0)) return undefined;
      if (this.#since[element] !== NONE) this.disappear(element, turns);
      else this.#missed(element, turns);
    }
    const cut = (of: Int32Array): Int32Array => of.subarray(0, this.#count);
    return {
      add: cut(this.#add),
      known: cut(this.#known),
      lastFound: cut(this.#lastFound),
      lastMissed: cut(this.#lastMissed),
      missedSince: cut(this.#missedSince),
      twice: cut(this.#twice),
      times: cut(this.#times),
    };
  }

  #appear(element: number, turn: number): void {
    const row = this.#reads[turn] as number;
    this.#missed(element, turn);
    this.#since[element] = turn;
    this.#learn(element, row);
  }

  /** Reads before this turn, back to where the element was last found, missed it if they were called when it was known. */
  #missed(element: number, turn: number): void {
    const known = this.#known[element] as number;
    const last = this.#reads[turn - 1];
    if (known === NONE || last === undefined || last === this.#lastFound[element]) return;
    const { call, return: returned } = this.#history;
    const since = returned[known] as number;
    if ((call[last] as number) < since) return;
    this.#lastMissed[element] = last;
    if (turn < this.#reads.length) return;
    const found = this.#lastFound[element] as number;
    const from = found === NONE ? since : Math.max(since, call[found] as number);
    this.#missedSince[element] = turn - this.#calledUpTo(from);
  }

  /** How many reads were called up to a position. */
  #calledUpTo(position: number): number {
    let low = 0;
    let high = this.#reads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#history.call[this.#reads[middle] as number] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #learn(element: number, row: number): void {
    const known = this.#known[element] as number;
    const { return: returned } = this.#history;
    if (known === NONE || (returned[row] as number) < (returned[known] as number)) this.#known[element] = row;
  }

  #repeat(element: number, turn: number): void {
    const row = this.#reads[turn] as number;
    if (this.#twice[element] === NONE) {
      this.#twice[element] = row;
      this.#times[element] = 1;
    }
    if (this.#twice[element] === row) this.#times[element]!++;
  }

  #grow(element: number): void {
    if (element < this.#count) return;
    this.#count = element + 1;
    if (element < this.#since.length) return;
    const room = Math.max(element + 1, 2 * this.#since.length);
    const wider = (of: Int32Array, fill = NONE): Int32Array => {
      const to = new Int32Array(room).fill(fill);
      to.set(of);
      return to;
    };
    this.#since = wider(this.#since);
    this.#seen = wider(this.#seen);
    this.#was = wider(this.#was);
    this.#add = wider(this.#add);
    this.#known = wider(this.#known);
    this.#lastFound = wider(this.#lastFound);
    this.#lastMissed = wider(this.#lastMissed);
    this.#missedSince = wider(this.#missedSince, 0);
    this.#twice = wider(this.#twice);
    this.#times = wider(this.#times, 0);
  }
}

function column(fill = NONE): Int32Array {
  return new Int32Array(1024).fill(fill);
}

import { NEVER } from '../../table/builder.ts';
import type { Budget } from '../budget.ts';
import { READ, REFUSED, SKIP, UNSURE, WRITE, type RegisterSteps } from './steps.ts';

/** How the value of a cluster came to be there, where that is not the place of an operation. */
export const INITIAL: number = -1;

/**
 * # Clusters
 *
 * When every value of a register is written once, each read tells which write it saw. A cluster is one value
 * of one key: the operation that wrote it and all that saw it. The value that was there from the beginning is
 * a cluster without a writer. Cluster `k + 1` holds the initial value of key `k`.
 */
export interface Clusters {
  readonly count: number;
  /** The cluster of the value that an operation saw or wrote, or for which it was refused; −1 for none. */
  readonly of: Int32Array;
  readonly key: Int32Array;
  /** The operation that wrote it, or {@link INITIAL}. */
  readonly writer: Int32Array;
  /** The first return and the last call among its reads. */
  readonly firstReturn: Int32Array;
  readonly lastCall: Int32Array;
  /** The cluster whose writer is a compare-and-set that found this one's value; −1 for none. */
  readonly next: Int32Array;
  /** Clusters nobody saw whose writer may never have taken effect: they cannot contradict anything. */
  readonly idle: Uint8Array;
  /** For each key, at key + 1: whether every value was written once. */
  readonly distinct: Uint8Array;
  /** What no order can explain, at most one for each key. */
  readonly faults: Map<number, ClusterFault>;
}

export interface ClusterFault {
  readonly kind:
    | 'never written'
    | 'from the future'
    | 'lost update'
    | 'circular'
    | 'out of order'
    | 'overlap'
    | 'refused';
  /**
   * Operations that show it, but for those that wrote what these found: see {@link withWriters}. Looking for them costs a
   * pass, so it is put off until somebody asks.
   */
  evidence(): readonly number[];
}

export function clusters(
  steps: RegisterSteps,
  call: Int32Array,
  returned: Int32Array,
  budget: Budget,
): Clusters {
  const { length, kind, value, from, history } = steps;
  const { key } = history;
  const keys = history.keys.length + 1;
  const { of, table, count, writer, distinct } = numberValues(steps, budget);
  const faults = new Map<number, ClusterFault>();
  const keyOf = new Int32Array(count);
  for (let c = 0; c < count; c++) keyOf[c] = c < keys ? c - 1 : (key[writer[c] as number] as number);

  const firstReturn = new Int32Array(count).fill(NEVER);
  const lastCall = new Int32Array(count).fill(-1);
  const next = new Int32Array(steps.swaps > 0 ? count : 0).fill(-1);
  const seen = new Uint8Array(count);
  const unsure: number[] = [];
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const what = kind[i] as number;
    if (what === SKIP || what === WRITE) continue;
    const k = key[i] as number;
    if (what === READ) {
      const c = table.find(k, value[i] as number);
      if (c < 0) {
        if (!faults.has(k)) faults.set(k, { kind: 'never written', evidence: () => [i] });
        continue;
      }
      of[i] = c;
      seen[c] = 1;
      if ((returned[i] as number) < (firstReturn[c] as number)) firstReturn[c] = returned[i] as number;
      if ((call[i] as number) > (lastCall[c] as number)) lastCall[c] = call[i] as number;
    } else if (distinct[k + 1]) {
      const c = table.find(k, from[i] as number);
      if (what === REFUSED) {
        of[i] = c;
      } else if (what === UNSURE) {
        if (c >= 0) unsure.push(i);
      } else if (c < 0) {
        if (!faults.has(k)) faults.set(k, { kind: 'never written', evidence: () => [i] });
      } else {
        swap(i, c);
      }
    }
  }
  function swap(row: number, found: number): void {
    const to = of[row] as number;
    if (next[found] === -1) next[found] = to;
    else {
      const k = key[row] as number;
      if (!faults.has(k))
        faults.set(k, {
          kind: 'lost update',
          evidence: () => [writer[next[found] as number] as number, row],
        });
    }
    seen[found] = 1;
  }

  // A compare-and-set of unknown outcome swapped if what it writes was seen, which shows that what it expects was there.
  const found = new Map(unsure.map((row) => [of[row] as number, row]));
  const idle = new Uint8Array(count);
  const work = [...found.keys()].filter((c) => seen[c]);
  for (let c = work.pop(); c !== undefined; c = work.pop()) {
    const row = found.get(c);
    if (row === undefined) continue;
    found.delete(c);
    const before = table.find(key[row] as number, from[row] as number);
    swap(row, before);
    work.push(before);
  }
  for (let c = keys; c < count; c++) {
    budget.pass(c);
    const row = writer[c] as number;
    const isUnsure = kind[row] === UNSURE;
    if (!seen[c] && (isUnsure || (kind[row] === WRITE && returned[row] === NEVER))) idle[c] = 1;
    else if (
      isUnsure &&
      seen[c] &&
      distinct[(keyOf[c] as number) + 1] &&
      table.find(key[row] as number, from[row] as number) < 0
    ) {
      // What it writes was seen, but what it expects was never there.
      const k = keyOf[c] as number;
      if (!faults.has(k))
        faults.set(k, {
          kind: 'never written',
          evidence: () => [row, ...observers({ of, next, writer }, steps, c)],
        });
    }
  }
  return { count, of, key: keyOf, writer, firstReturn, lastCall, next, idle, distinct, faults };
}

/** Operations that found the value of a cluster: one read, and what swapped it. */
export function observers(
  { of, next, writer }: Pick<Clusters, 'of' | 'next' | 'writer'>,
  { kind }: RegisterSteps,
  c: number,
): number[] {
  const read = of.findIndex((at, row) => at === c && kind[row] === READ);
  const swapped = next.length > 0 ? (next[c] as number) : -1;
  return [...(read < 0 ? [] : [read]), ...(swapped < 0 ? [] : [writer[swapped] as number])];
}

/**
 * Operations together with whatever wrote the values that they found, and what those found in turn. As every value is
 * written once, a set of operations without those that were refused is closed then.
 */
export function withWriters(groups: Clusters, steps: RegisterSteps, rows: readonly number[]): number[] {
  const { of, writer, next } = groups;
  const { kind } = steps;
  const before = new Map<number, number>();
  for (const [c, to] of next.entries()) if (to >= 0) before.set(to, c);
  const all = new Set(rows);
  for (const row of all) {
    const c = of[row] as number;
    const found = kind[row] === READ ? c : kind[row] === WRITE ? -1 : (before.get(c) ?? -1);
    if (found >= 0 && writer[found] !== INITIAL) all.add(writer[found] as number);
    // That a swap of unknown outcome swapped is shown by who saw what it wrote.
    if (kind[row] === UNSURE) for (const observer of observers(groups, steps, c)) all.add(observer);
  }
  return [...all].toSorted((a, b) => a - b);
}

export interface Numbering {
  readonly of: Int32Array;
  readonly table: ValueTable;
  readonly count: number;
  readonly writer: Int32Array;
  readonly distinct: Uint8Array;
}

/** Gives every value that is written a number, those there from the beginning first. */
export function numberValues(steps: RegisterSteps, budget: Budget): Numbering {
  const range = rangeOf(steps);
  return (
    (range && numberBy(steps, new DenseValues(range.least, range.size, steps.initial), budget)) ??
    (numberBy(steps, new SparseValues(steps), budget) as Numbering)
  );
}

/** `undefined` when the table cannot hold the values. */
function numberBy(
  { length, kind, value, history }: RegisterSteps,
  table: ValueTable,
  budget: Budget,
): Numbering | undefined {
  const { key } = history;
  const keys = history.keys.length + 1;
  const of = new Int32Array(length).fill(-1);
  const writer = new Int32Array(length + keys).fill(INITIAL);
  const distinct = new Uint8Array(keys).fill(1);
  let count = keys;
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const what = kind[i] as number;
    if (what === SKIP || what === READ || what === REFUSED) continue;
    const place = table.place(key[i] as number, value[i] as number, count);
    if (place === count) {
      of[i] = count;
      writer[count++] = i;
    } else if (place === FULL) return undefined;
    else distinct[(key[i] as number) + 1] = 0;
  }
  return { of, table, count, writer: writer.subarray(0, count), distinct };
}

/** The least of the integers that are written, and how many there are up to the greatest, if that is no waste. */
function rangeOf({ length, kind, value }: RegisterSteps): { least: number; size: number } | undefined {
  let least = 2 ** 31;
  let greatest = -(2 ** 31);
  for (let i = 0; i < length; i++) {
    const what = kind[i] as number;
    if (what === SKIP || what === READ || what === REFUSED) continue;
    const v = value[i] as number;
    if (v < least) least = v;
    if (v > greatest) greatest = v;
  }
  const size = greatest - least + 1;
  return size > 0 && size < 4 * length + 1024 ? { least, size } : undefined;
}

/** The numbers of values of keys. */
interface ValueTable {
  /** The number of a value, which is `otherwise` if it is new; {@link FULL} if it cannot be numbered. */
  place(key: number, value: number, otherwise: number): number;
  /** The number of a value, or −1. */
  find(key: number, value: number): number;
}

const FULL = -2;

/** Values that are integers close together, none of which is written to two keys: an array is enough. */
class DenseValues implements ValueTable {
  readonly initial: number;
  readonly #least: number;
  readonly #place: Int32Array;
  readonly #key: Int32Array;

  constructor(least: number, size: number, initial: number) {
    this.initial = initial;
    this.#least = least;
    this.#place = new Int32Array(size).fill(-1);
    this.#key = new Int32Array(size);
  }

  place(key: number, value: number, otherwise: number): number {
    if (value === this.initial) return key + 1;
    const i = value - this.#least;
    const known = this.#place[i] as number;
    if (known !== -1) return this.#key[i] === key ? known : FULL;
    this.#key[i] = key;
    return (this.#place[i] = otherwise);
  }

  find(key: number, value: number): number {
    if (value === this.initial) return key + 1;
    const i = value - this.#least;
    return i >= 0 && i < this.#place.length && this.#key[i] === key ? (this.#place[i] as number) : -1;
  }
}

/** Any values: open addressing with linear probing, in a table half again as large as what it must hold. */
class SparseValues implements ValueTable {
  readonly initial: number;
  readonly #key: Int32Array;
  readonly #value: Int32Array;
  readonly #place: Int32Array;
  readonly #mask: number;
  readonly #shift: number;

  constructor({ length, initial }: RegisterSteps) {
    this.initial = initial;
    const bits = Math.max(4, Math.ceil(Math.log2((length + 1) * 1.5)));
    this.#key = new Int32Array(2 ** bits);
    this.#value = new Int32Array(2 ** bits);
    this.#place = new Int32Array(2 ** bits).fill(-1);
    this.#mask = 2 ** bits - 1;
    this.#shift = 32 - bits;
  }

  place(key: number, value: number, otherwise: number): number {
    if (value === this.initial) return key + 1;
    const slot = this.#slot(key, value);
    if (this.#place[slot] !== -1) return this.#place[slot] as number;
    this.#key[slot] = key;
    this.#value[slot] = value;
    return (this.#place[slot] = otherwise);
  }

  find(key: number, value: number): number {
    return value === this.initial ? key + 1 : (this.#place[this.#slot(key, value)] as number);
  }

  #slot(key: number, value: number): number {
    let slot = Math.imul(value ^ Math.imul(key + 1, 0x85ebca6b), 0x9e3779b1) >>> this.#shift;
    while (this.#place[slot] !== -1 && (this.#key[slot] !== key || this.#value[slot] !== value))
      slot = (slot + 1) & this.#mask;
    return slot;
  }
}

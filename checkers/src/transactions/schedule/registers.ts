import { INITIAL, WRITE } from '../columns.ts';
import type { Transactions } from '../columns.ts';
import type { Limits } from '../limits.ts';
import { OWN } from '../register-reads.ts';
import type { RegisterReads } from '../register-reads.ts';
import type { RegisterVersions } from '../register-versions.ts';

/** Whoever wants to know what changed: everything that a transaction reads is written; a key may be free to write. */
export interface Watcher {
  complete(t: number): void;
  moved(key: number): void;
}

/**
 * The registers while transactions are run one by one, and who still has to read what they hold. A version that somebody
 * will still read must not be overwritten: whoever wants to write there waits.
 *
 * Under snapshot isolation a transaction reads first and writes later, and locks what it will write in between.
 */
export class Registers {
  /** 1 for transactions that have read, and for those that have written. */
  readonly hasRead: Uint8Array;
  readonly hasWritten: Uint8Array;
  readonly #txns: Transactions;
  readonly #reads: RegisterReads;
  readonly #versions: RegisterVersions;
  readonly #watcher: Watcher;
  readonly #current: Int32Array;
  /** What each write overwrote, to take it back. */
  readonly #before: Int32Array;
  /** Readers still to come of each version, and of each key's initial value. */
  readonly #waiting: Int32Array;
  readonly #waitingInitial: Int32Array;
  /** Reads of each transaction whose version is not written yet. */
  readonly #missing: Int32Array;
  /** Who locked a key; −1 when nobody has. */
  readonly #lockedBy: Int32Array;

  constructor(
    txns: Transactions,
    reads: RegisterReads,
    versions: RegisterVersions,
    watcher: Watcher,
    limits: Limits,
  ) {
    this.#txns = txns;
    this.#reads = reads;
    this.#versions = versions;
    this.#watcher = watcher;
    this.hasRead = limits.uint8(txns.length);
    this.hasWritten = limits.uint8(txns.length);
    this.#current = limits.int32(txns.keys.length).fill(INITIAL);
    this.#before = limits.int32(txns.kind.length);
    this.#waiting = differences(versions.readersStart, limits);
    this.#waitingInitial = differences(versions.initialStart, limits);
    this.#missing = limits.int32(txns.length);
    this.#lockedBy = limits.int32(txns.keys.length).fill(-1);
    for (let t = 0; t < txns.length; t++) {
      limits.step(1);
      if (!reads.happened[t]) continue;
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
        if ((reads.source[m] as number) >= 0) this.#missing[t]!++;
    }
  }

  /** Whether every version that it reads is written. */
  isComplete(t: number): boolean {
    return this.#missing[t] === 0;
  }

  read(t: number): void {
    const { start, key, value } = this.#txns;
    this.hasRead[t] = 1;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (this.#reads.source[m] === OWN) continue;
      const k = key[m] as number;
      const v = value[m] as number;
      const left = v === INITIAL ? --this.#waitingInitial[k]! : --this.#waiting[v]!;
      // The last one may be whoever writes there next.
      if (left <= 1 && this.#current[k] === v) this.#watcher.moved(k);
    }
  }

  unread(t: number): void {
    const { start, key, value } = this.#txns;
    this.hasRead[t] = 0;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (this.#reads.source[m] === OWN) continue;
      if (value[m] === INITIAL) this.#waitingInitial[key[m] as number]!++;
      else this.#waiting[value[m] as number]!++;
    }
  }

  write(t: number): void {
    const { start, kind, key, value } = this.#txns;
    const { readers, readersStart } = this.#versions;
    this.hasWritten[t] = 1;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      const k = key[m] as number;
      const v = value[m] as number;
      this.#before[m] = this.#current[k] as number;
      this.#current[k] = v;
      this.#watcher.moved(k);
      for (let r = readersStart[v] as number; r < (readersStart[v + 1] as number); r++)
        if (--this.#missing[readers[r] as number]! === 0) this.#watcher.complete(readers[r] as number);
    }
  }

  /** Undoes what was written last. */
  unwrite(t: number): void {
    const { start, kind, key, value } = this.#txns;
    const { readers, readersStart } = this.#versions;
    this.hasWritten[t] = 0;
    for (let m = (start[t + 1] as number) - 1; m >= (start[t] as number); m--) {
      if (kind[m] !== WRITE) continue;
      const v = value[m] as number;
      this.#current[key[m] as number] = this.#before[m] as number;
      this.#watcher.moved(key[m] as number);
      for (let r = readersStart[v] as number; r < (readersStart[v + 1] as number); r++)
        this.#missing[readers[r] as number]!++;
    }
  }

  /** Locks the keys that a transaction writes, or with −1 for `by` unlocks them. */
  lock(t: number, by: number): void {
    const { start, kind, key } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      this.#lockedBy[key[m] as number] = by;
      if (by < 0) this.#watcher.moved(key[m] as number);
    }
  }

  /** A key that the transaction would write and somebody has locked; −1 if there is none. */
  lockedKey(t: number): number {
    const { start, kind, key } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (kind[m] === WRITE && this.#lockedBy[key[m] as number] !== -1) return key[m] as number;
    return -1;
  }

  holderOf(k: number): number {
    return this.#lockedBy[k] as number;
  }

  /** A key that the transaction would write although others still have to read what it holds; −1 if there is none. */
  heldKey(t: number): number {
    const { start, kind, key } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      const k = key[m] as number;
      const now = this.#current[k] as number;
      const left = now === INITIAL ? (this.#waitingInitial[k] as number) : (this.#waiting[now] as number);
      if (left > 0 && left > this.#stillReads(t, k, now)) return k;
    }
    return -1;
  }

  /** Somebody else who still has to read what the key holds. */
  readerOf(k: number, t: number): number {
    const { readers, readersStart, initial, initialStart } = this.#versions;
    const now = this.#current[k] as number;
    const [list, from, to] =
      now === INITIAL
        ? [initial, initialStart[k] as number, initialStart[k + 1] as number]
        : [readers, readersStart[now] as number, readersStart[now + 1] as number];
    for (let r = from; r < to; r++) {
      const reader = list[r] as number;
      if (reader !== t && !this.hasRead[reader]) return reader;
    }
    throw new Error(`nobody waits for key ${k}: this is a bug`);
  }

  /** The version that a key holds. */
  holds(k: number): number {
    return this.#current[k] as number;
  }

  /** A transaction that has not written yet and whose write is read. */
  missing(t: number): number {
    const { start } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const from = this.#reads.source[m] as number;
      if (from >= 0 && !this.hasWritten[from]) return from;
    }
    throw new Error(`transaction ${t} misses nothing: this is a bug`);
  }

  /** 1 when the transaction itself is one of those who still have to read this version. */
  #stillReads(t: number, k: number, version: number): number {
    if (this.hasRead[t]) return 0;
    const { start, key, value } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (key[m] === k && this.#reads.source[m] !== OWN && value[m] === version) return 1;
    return 0;
  }
}

function differences(start: Int32Array, limits: Limits): Int32Array {
  const size = limits.int32(Math.max(0, start.length - 1));
  for (let i = 0; i < size.length; i++) size[i] = (start[i + 1] as number) - (start[i] as number);
  return size;
}

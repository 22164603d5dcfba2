import type { Torn } from '../format/jsonl.ts';
import type { Key } from '../history.ts';

/**
 * # Transactions, as columns
 *
 * A transaction is a list of micro-operations on keys. A million of them as objects is gigabytes; here they
 * are a dozen typed arrays, and everything that checkers compare is a small dense integer:
 *
 * ```
 * transaction t    process[t] outcome[t] call[t] return[t]      its micro-operations are start[t] … start[t+1]−1
 * micro-op m       kind[m] key[m] value[m] size[m]
 * version v        versionKey[v] versionValue[v]                 one (key, value) that anyone wrote or read
 * ```
 *
 * Numbering versions while loading is what makes checking fast: "who wrote 17 to x" is one array access.
 */
export interface Transactions {
  readonly length: number;
  /** Which session (single-threaded client) it belongs to, from 0; `process[t]` are numbered densely. */
  readonly process: Int32Array;
  readonly processes: readonly number[];
  /** 0 `ok`, 1 `fail`, 2 `info`. */
  readonly outcome: Uint8Array;
  /** Positions in the order of events, below `4 · length`; `return` is {@link OPEN} where nobody knows. */
  readonly call: Int32Array;
  readonly return: Int32Array;
  /** Whether `call` and `return` were recorded. Without them nothing can be said about real time. */
  readonly timed: boolean;
  /** The id this transaction has in the history or file it came from. */
  readonly operation: Int32Array;
  readonly start: Int32Array;
  readonly kind: Uint8Array;
  readonly key: Int32Array;
  readonly keys: readonly Key[];
  /** The version read or written, {@link INITIAL} for a read of nothing; for a list read, where in `elements` it begins. */
  readonly value: Int32Array;
  /** How many elements a list read returned. */
  readonly size: Int32Array;
  /** Versions, in the order lists were read. Reads that are prefixes of one another share their elements. */
  readonly elements: Int32Array;
  readonly versions: number;
  readonly versionKey: Int32Array;
  readonly versionValue: readonly unknown[];
  /** Where the file that they come from ends in the middle of a line. */
  readonly torn?: Torn;
}

/** A register read that returned one value. */
export const READ = 0;
/** A register write. */
export const WRITE = 1;
/** Appends one element to a list. */
export const APPEND = 2;
/** A read that returned a whole list. */
export const LIST = 3;
/** A read whose result nobody knows. It constrains nothing. */
export const UNREAD = 4;

/** The version every register holds before anything is written to it. */
export const INITIAL = -1;
/** Returned after everything, or never. */
export const OPEN: number = 2 ** 31 - 1;

export const OK = 0;
export const FAIL = 1;
export const INFO = 2;

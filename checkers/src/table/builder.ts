import type { History, Key, Operations } from '../history.ts';
import type { Columns } from './columns.ts';
import { Table } from './table.ts';
import { NOTHING, ValueEncoder } from './values.ts';

/** A call that has not returned, and an outcome that nobody knows, return here: after everything else. */
export const NEVER: number = 2 ** 31 - 1;

/**
 * Builds a table row by row: a row begins when an operation is called and is completed when it returns.
 * Readers of every format drive this; it takes primitives so that a million rows cost no objects.
 */
export class TableBuilder<Ops extends Operations = Operations> {
  readonly encoder: ValueEncoder = new ValueEncoder();
  #length = 0;
  #columns = allocate(1024);
  readonly #names = new Dictionary<keyof Ops & string>();
  readonly #keys = new Dictionary<Key>();
  readonly #nodes = new Dictionary<string>();
  readonly #errors = new Dictionary<string>();
  readonly #open = new OpenRows();
  #last = -1;

  /** Why the event cannot come next, or `undefined` when it can. */
  call(
    index: number,
    time: number,
    process: number,
    f: keyof Ops & string,
    key: Key | undefined,
    input: number,
    node: string | undefined,
  ): string | undefined {
    if (this.#open.get(process) >= 0)
      return `process ${process} calls ${f} before its last call has returned`;
    const wrong = this.#order(index);
    if (wrong !== undefined) return wrong;
    if (this.#length === this.#columns.f.length) this.#columns = allocate(this.#length * 2, this.#columns);
    const row = this.#length++;
    const to = this.#columns;
    to.f[row] = this.#names.place(f);
    if (this.#names.entries.length > 256) return `${f} is the 257th kind of operation, and 256 is the limit`;
    to.process[row] = process;
    to.key[row] = key === undefined ? -1 : this.#keys.place(key);
    to.outcome[row] = 2;
    to.call[row] = index;
    to.return[row] = NEVER;
    to.callTime[row] = time;
    to.returnTime[row] = Infinity;
    to.input[row] = input;
    to.output[row] = NOTHING;
    to.node[row] = node === undefined ? -1 : this.#nodes.place(node);
    to.error[row] = -1;
    this.#open.set(process, row);
    return undefined;
  }

  /** `outcome` as in the table: 0 `ok`, 1 `fail`, 2 `info`. */
  end(
    index: number,
    time: number,
    process: number,
    f: string,
    outcome: number,
    output: number,
    error: string | undefined,
  ): string | undefined {
    const row = this.#open.get(process);
    if (row < 0) return `process ${process} ends ${f}, but has no call open`;
    const to = this.#columns;
    const called = this.#names.entries[to.f[row] as number];
    if (called !== f) return `process ${process} ends ${f}, but what it called is ${called}`;
    const wrong = this.#order(index);
    if (wrong !== undefined) return wrong;
    this.#open.set(process, -1);
    to.outcome[row] = outcome;
    if (outcome !== 2) to.return[row] = index;
    if (outcome === 0) to.output[row] = output;
    to.returnTime[row] = time;
    if (error !== undefined) to.error[row] = this.#errors.place(error);
    return undefined;
  }

  finish(): History<Ops> {
    const columns = share(this.#columns, this.#length);
    return new Table<Ops>({
      length: this.#length,
      names: this.#names.entries,
      keys: this.#keys.entries,
      nodes: this.#nodes.entries,
      errors: this.#errors.entries,
      values: this.encoder.values,
      ...columns,
    });
  }

  #order(index: number): string | undefined {
    if (!(index > this.#last)) return `event ${index} comes after event ${this.#last}; indexes must grow`;
    if (index >= NEVER) return `event ${index} is beyond the last index that fits, ${NEVER - 1}`;
    this.#last = index;
    return undefined;
  }
}

/** The row that each process has open, or −1. Processes are small numbers mostly, and then need no map. */
class OpenRows {
  #small: Int32Array = new Int32Array(256).fill(-1);
  readonly #others = new Map<number, number>();

  get(process: number): number {
    return (
      (process >= 0 && process < SMALL_PROCESSES ? this.#small[process] : this.#others.get(process)) ?? -1
    );
  }

  set(process: number, row: number): void {
    if (!(process >= 0 && process < SMALL_PROCESSES)) this.#others.set(process, row);
    else {
      if (process >= this.#small.length) {
        const wider = new Int32Array(2 * process).fill(-1);
        wider.set(this.#small);
        this.#small = wider;
      }
      this.#small[process] = row;
    }
  }
}

const SMALL_PROCESSES = 2 ** 24;

/** Numbers repeated names from 0, in order of first appearance. */
class Dictionary<T extends string | number> {
  readonly entries: T[] = [];
  readonly #places = new Map<T, number>();
  #last: T | undefined;
  #lastPlace = -1;

  place(entry: T): number {
    // What came last comes next, more often than not.
    if (entry === this.#last) return this.#lastPlace;
    let place = this.#places.get(entry);
    if (place === undefined) {
      place = this.entries.push(entry) - 1;
      this.#places.set(entry, place);
    }
    this.#last = entry;
    this.#lastPlace = place;
    return place;
  }
}

function allocate(rows: number, from?: Columns): Columns {
  const columns: Columns = {
    f: new Uint8Array(rows),
    process: new Int32Array(rows),
    key: new Int32Array(rows),
    outcome: new Uint8Array(rows),
    call: new Int32Array(rows),
    return: new Int32Array(rows),
    callTime: new Float64Array(rows),
    returnTime: new Float64Array(rows),
    input: new Int32Array(rows),
    output: new Int32Array(rows),
    node: new Int32Array(rows),
    error: new Int32Array(rows),
  };
  if (from) for (const name of Object.keys(columns) as (keyof Columns)[]) columns[name].set(from[name]);
  return columns;
}

/** The first `rows` rows in memory that workers can be handed without copying, where there is such memory. */
function share(columns: Columns, rows: number): Columns {
  const u8 = (from: Uint8Array) => copy(from, new Uint8Array(sharable(rows)), rows);
  const i32 = (from: Int32Array) => copy(from, new Int32Array(sharable(rows * 4)), rows);
  const f64 = (from: Float64Array) => copy(from, new Float64Array(sharable(rows * 8)), rows);
  return {
    f: u8(columns.f),
    process: i32(columns.process),
    key: i32(columns.key),
    outcome: u8(columns.outcome),
    call: i32(columns.call),
    return: i32(columns.return),
    callTime: f64(columns.callTime),
    returnTime: f64(columns.returnTime),
    input: i32(columns.input),
    output: i32(columns.output),
    node: i32(columns.node),
    error: i32(columns.error),
  };
}

function copy<T extends { set(from: T): void; subarray(begin: number, end: number): T }>(
  from: T,
  to: T,
  rows: number,
): T {
  to.set(from.subarray(0, rows));
  return to;
}

/** Memory that workers can be handed without copying, where there is such memory. */
export function sharable(bytes: number): ArrayBufferLike {
  // Browsers without cross-origin isolation have no shared memory; there the table is copied to workers.
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

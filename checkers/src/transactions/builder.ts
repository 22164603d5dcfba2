import type { Key } from '../history.ts';
import { APPEND, FAIL, INITIAL, LIST, OPEN, READ, UNREAD, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { grow, VersionTable } from './versions.ts';

/**
 * Builds the columns, one transaction after another. Readers of every format drive this:
 * `begin`, then its micro-operations in program order, then the next `begin`, and `finish` at the end.
 */
export class TransactionsBuilder {
  #length = 0;
  #process = new Int32Array(1024);
  #outcome = new Uint8Array(1024);
  #call = new Int32Array(1024);
  #return = new Int32Array(1024);
  #operation = new Int32Array(1024);
  #start = new Int32Array(1024);
  #mops = 0;
  #kind = new Uint8Array(4096);
  #key = new Int32Array(4096);
  #value = new Int32Array(4096);
  #size = new Int32Array(4096);
  #elements = new Int32Array(4096);
  #elementsLength = 0;
  readonly #processes = new Map<number, number>();
  readonly #keys = new Map<Key, number>();
  readonly #versions = new VersionTable();
  /** For each key the longest list read so far that extends all before it: where, how long, and room to grow in place. */
  #spineAt = new Int32Array(256);
  #spineSize = new Int32Array(256);
  #spineRoom = new Int32Array(256);
  #timed = true;

  /** Positions are in the order of events; leave both out for a file that recorded no times. */
  begin(operation: number, process: number, outcome: number, call?: number, returned?: number): void {
    if (this.#length + 1 >= this.#start.length) this.#growRows();
    const t = this.#length++;
    this.#process[t] = placeIn(this.#processes, process);
    this.#outcome[t] = outcome;
    if (call === undefined) this.#timed = false;
    this.#call[t] = call ?? t * 2;
    this.#return[t] = returned ?? OPEN;
    this.#operation[t] = operation;
    this.#start[t] = this.#mops;
  }

  write(key: Key, value: unknown): void {
    const k = this.#placeKey(key);
    this.#push(WRITE, k, this.#versions.place(k, value), 0);
  }

  append(key: Key, value: unknown): void {
    const k = this.#placeKey(key);
    this.#push(APPEND, k, this.#versions.place(k, value), 0);
  }

  /** A register read; `null` is the initial value. Of a failed transaction nothing that it read is evidence. */
  read(key: Key, value: unknown): void {
    if (this.#outcome[this.#length - 1] === FAIL) return this.unread(key);
    const k = this.#placeKey(key);
    this.#push(READ, k, value === null || value === undefined ? INITIAL : this.#versions.place(k, value), 0);
  }

  list(key: Key, values: readonly unknown[]): void {
    if (this.#outcome[this.#length - 1] === FAIL) return this.unread(key);
    const k = this.#placeKey(key);
    this.#push(LIST, k, this.#placeList(k, values), values.length);
  }

  unread(key: Key): void {
    this.#push(UNREAD, this.#placeKey(key), 0, 0);
  }

  finish(): Transactions {
    const n = this.#length;
    this.#start[n] = this.#mops;
    const { call, returned } = dense(this.#call.slice(0, n), this.#return.slice(0, n));
    return {
      length: n,
      process: this.#process.slice(0, n),
      processes: [...this.#processes.keys()],
      outcome: this.#outcome.slice(0, n),
      call,
      return: returned,
      timed: this.#timed,
      operation: this.#operation.slice(0, n),
      start: this.#start.slice(0, n + 1),
      kind: this.#kind.slice(0, this.#mops),
      key: this.#key.slice(0, this.#mops),
      keys: [...this.#keys.keys()],
      value: this.#value.slice(0, this.#mops),
      size: this.#size.slice(0, this.#mops),
      elements: this.#elements.slice(0, this.#elementsLength),
      versions: this.#versions.length,
      versionKey: this.#versions.key.slice(0, this.#versions.length),
      versionValue: this.#versions.values,
    };
  }

  #push(kind: number, key: number, value: number, size: number): void {
    if (this.#mops === this.#kind.length) {
      this.#kind = grow(this.#kind);
      this.#key = grow(this.#key);
      this.#value = grow(this.#value);
      this.#size = grow(this.#size);
    }
    const m = this.#mops++;
    this.#kind[m] = kind;
    this.#key[m] = key;
    this.#value[m] = value;
    this.#size[m] = size;
  }

  #placeKey(key: Key): number {
    const k = placeIn(this.#keys, key);
    if (k === this.#spineAt.length) {
      this.#spineAt = grow(this.#spineAt);
      this.#spineSize = grow(this.#spineSize);
      this.#spineRoom = grow(this.#spineRoom);
    }
    return k;
  }

  /**
   * Stores a list, or finds it stored: in a sane system every read of a key is a prefix of the longest, so
   * one copy a key (its spine, which doubles when it is full) holds them all. A read that disagrees gets its own.
   */
  #placeList(key: number, values: readonly unknown[]): number {
    const at = this.#spineAt[key] as number;
    const size = this.#spineSize[key] as number;
    const shared = Math.min(size, values.length);
    for (let i = 0; i < shared; i++)
      if (this.#versions.values[this.#elements[at + i] as number] !== values[i])
        return this.#copy(key, values, 0, 0);
    if (values.length <= size) return at;
    const room = this.#spineRoom[key] as number;
    if (values.length <= room) {
      for (let i = size; i < values.length; i++)
        this.#elements[at + i] = this.#versions.place(key, values[i]);
      this.#spineSize[key] = values.length;
      return at;
    }
    const moved = this.#copy(key, values, at, size);
    this.#spineAt[key] = moved;
    this.#spineSize[key] = values.length;
    this.#spineRoom[key] = values.length * 2;
    this.#elementsLength += values.length;
    while (this.#elementsLength > this.#elements.length) this.#elements = grow(this.#elements);
    return moved;
  }

  /** Writes a whole list at the end; its first `known` elements are those at `from`. */
  #copy(key: number, values: readonly unknown[], from: number, known: number): number {
    const to = this.#elementsLength;
    this.#elementsLength += values.length;
    while (this.#elementsLength > this.#elements.length) this.#elements = grow(this.#elements);
    for (let i = 0; i < values.length; i++)
      this.#elements[to + i] =
        i < known ? (this.#elements[from + i] as number) : this.#versions.place(key, values[i]);
    return to;
  }

  #growRows(): void {
    this.#process = grow(this.#process);
    this.#outcome = grow(this.#outcome);
    this.#call = grow(this.#call);
    this.#return = grow(this.#return);
    this.#operation = grow(this.#operation);
    this.#start = grow(this.#start);
  }
}

function placeIn<T>(places: Map<T, number>, entry: T): number {
  let place = places.get(entry);
  if (place === undefined) {
    place = places.size;
    places.set(entry, place);
  }
  return place;
}

/** Positions renumbered without gaps where they are sparse, so that arrays indexed by position stay small. */
function dense(call: Int32Array, returned: Int32Array): { call: Int32Array; returned: Int32Array } {
  let last = 0;
  let first = 0;
  for (let t = 0; t < call.length; t++) {
    last = Math.max(last, call[t] as number, returned[t] === OPEN ? 0 : (returned[t] as number));
    first = Math.min(first, call[t] as number);
  }
  if (first >= 0 && last < 4 * call.length + 16) return { call, returned };
  const order = new Float64Array(call.length * 2);
  for (let t = 0; t < call.length; t++) {
    order[2 * t] = call[t] as number;
    order[2 * t + 1] = returned[t] as number;
  }
  order.sort();
  const rank = new Map<number, number>();
  for (const position of order) if (!rank.has(position)) rank.set(position, rank.size);
  return {
    call: call.map((position) => rank.get(position) as number),
    returned: returned.map((position) => (position === OPEN ? OPEN : (rank.get(position) as number))),
  };
}

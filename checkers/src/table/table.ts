import type { History, Key, Operation, Operations, Outcome } from '../history.ts';
import type { Columns } from './columns.ts';
import { decode } from './values.ts';

/** Everything a table is made of, as plain data: what a worker is sent. */
export interface TableData extends Columns {
  readonly length: number;
  readonly names: readonly string[];
  readonly keys: readonly Key[];
  readonly nodes: readonly string[];
  readonly errors: readonly string[];
  readonly values: readonly unknown[];
  readonly origin?: Int32Array;
}

const OUTCOMES: readonly Outcome[] = ['ok', 'fail', 'info'];
const NEVER = 2 ** 31 - 1;

/** A history in columns. The fields are described at {@link History}. */
export class Table<Ops extends Operations = Operations> implements History<Ops> {
  readonly length: number;
  readonly names: readonly (keyof Ops & string)[];
  readonly keys: readonly Key[];
  readonly nodes: readonly string[];
  readonly errors: readonly string[];
  readonly values: readonly unknown[];
  readonly f: Uint8Array;
  readonly process: Int32Array;
  readonly key: Int32Array;
  readonly outcome: Uint8Array;
  readonly call: Int32Array;
  readonly return: Int32Array;
  readonly callTime: Float64Array;
  readonly returnTime: Float64Array;
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly node: Int32Array;
  readonly error: Int32Array;
  readonly origin?: Int32Array;
  #byKey: ReadonlyMap<Key, History<Ops>> | undefined;

  constructor(data: TableData) {
    this.length = data.length;
    this.names = data.names;
    this.keys = data.keys;
    this.nodes = data.nodes;
    this.errors = data.errors;
    this.values = data.values;
    this.f = data.f;
    this.process = data.process;
    this.key = data.key;
    this.outcome = data.outcome;
    this.call = data.call;
    this.return = data.return;
    this.callTime = data.callTime;
    this.returnTime = data.returnTime;
    this.input = data.input;
    this.output = data.output;
    this.node = data.node;
    this.error = data.error;
    if (data.origin) this.origin = data.origin;
  }

  operation(id: number): Operation<Ops> {
    if (!(id >= 0 && id < this.length))
      throw new RangeError(`operation ${id} of a history of ${this.length}`);
    const key = this.key[id] as number;
    const node = this.node[id] as number;
    const error = this.error[id] as number;
    const returned = this.return[id] as number;
    // The columns were filled from events of these types, which the compiler cannot see.
    return {
      id,
      process: this.process[id],
      node: node < 0 ? undefined : this.nodes[node],
      f: this.names[this.f[id] as number],
      key: key < 0 ? undefined : this.keys[key],
      input: decode(this.input[id] as number, this.values),
      output: decode(this.output[id] as number, this.values),
      outcome: OUTCOMES[this.outcome[id] as number],
      call: this.call[id],
      return: returned === NEVER ? Infinity : returned,
      callTime: this.callTime[id],
      returnTime: this.returnTime[id],
      error: error < 0 ? undefined : this.errors[error],
    } as Operation<Ops>;
  }

  *[Symbol.iterator](): Iterator<Operation<Ops>> {
    for (let id = 0; id < this.length; id++) yield this.operation(id);
  }

  byKey(): ReadonlyMap<Key, History<Ops>> {
    this.#byKey ??= new Map(
      rowsByKey(this)
        .filter(({ key }) => key >= 0)
        .map(({ key, rows }) => [this.keys[key] as Key, select(this, rows)]),
    );
    return this.#byKey;
  }
}

/** A history whatever its operations: for code that only reads columns. The compiler cannot see through `keyof`. */
export function anyHistory<Ops extends Operations>(history: History<Ops>): History {
  return history as unknown as History;
}

/** The rows of each key in order, keys in order of first appearance; key −1 (no key) comes first where there is one. */
export function rowsByKey(
  history: Pick<History, 'length' | 'key' | 'keys'>,
): { readonly key: number; readonly rows: Int32Array }[] {
  const counts = new Int32Array(history.keys.length + 2);
  const { key, length } = history;
  for (let i = 0; i < length; i++) counts[(key[i] as number) + 2]!++;
  for (let k = 1; k < counts.length; k++) counts[k]! += counts[k - 1] as number;
  const rows = new Int32Array(length);
  const next = counts.slice(0, -1);
  for (let i = 0; i < length; i++) rows[next[(key[i] as number) + 1]!++] = i;
  return Array.from(next, (_, k) => ({ key: k - 1, rows: rows.subarray(counts[k], counts[k + 1]) })).filter(
    (group) => group.rows.length > 0,
  );
}

/** A history of only these rows, in this order, as one in its own right: ids start at 0, `origin` leads back. */
export function select<Ops extends Operations>(history: History<Ops>, rows: ArrayLike<number>): History<Ops> {
  const n = rows.length;
  const i32 = (from: Int32Array) => gather(from, new Int32Array(n), rows);
  return new Table<Ops>({
    length: n,
    names: history.names,
    keys: history.keys,
    nodes: history.nodes,
    errors: history.errors,
    values: history.values,
    f: gather(history.f, new Uint8Array(n), rows),
    process: i32(history.process),
    key: i32(history.key),
    outcome: gather(history.outcome, new Uint8Array(n), rows),
    call: i32(history.call),
    return: i32(history.return),
    callTime: gather(history.callTime, new Float64Array(n), rows),
    returnTime: gather(history.returnTime, new Float64Array(n), rows),
    input: i32(history.input),
    output: i32(history.output),
    node: i32(history.node),
    error: i32(history.error),
    origin: Int32Array.from(rows),
  });
}

/** The entries of a column at some rows, into another. */
export function gather<T extends { [row: number]: number }>(from: T, to: T, rows: ArrayLike<number>): T {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i] as number] as number;
  return to;
}

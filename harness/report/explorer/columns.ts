import { ColumnReader, ColumnWriter, unzigzag, zigzag } from './varint.ts';

/**
 * The operations of a history as the page holds them: one typed array a field, a row an operation, in order of call.
 * Times are microseconds since the run began.
 */
export interface Columns {
  readonly start: Float64Array;
  /** Where nobody knows the end: `Infinity`. */
  readonly end: Float64Array;
  readonly process: Int32Array;
  /** Place in the names of operations. */
  readonly f: Uint8Array;
  /** 0 ok, 1 failed, 2 unknown. */
  readonly outcome: Uint8Array;
  /** Places in the keys, the nodes and the errors; −1 for none. */
  readonly key: Int32Array;
  readonly node: Int32Array;
  readonly error: Int32Array;
  /** A whole number is itself, {@link WORD} + i is word i, {@link NOTHING} is nothing. */
  readonly input: Int32Array;
  readonly output: Int32Array;
  /** Of an input that is a pair of numbers (a compare-and-set's), the second; `input` is then the first. */
  readonly second: Int32Array;
}

export const NOTHING: number = -(2 ** 31);
export const WORD: number = 2 ** 30;

export const columnNames = [
  'start',
  'length',
  'process',
  'what',
  'key',
  'node',
  'error',
  'input',
  'output',
  'second',
] as const;

export type Packed = Readonly<Record<(typeof columnNames)[number], Uint8Array>>;

/**
 * Packs columns for the way into the page, about seven bytes an operation after deflation. Times go as differences,
 * numbers as what they differ by from the last number on the same key (values mostly count up), and
 * nodes by what they differ from the process's last (it mostly stays).
 */
export function pack(columns: Columns): Packed {
  const writers = Object.fromEntries(columnNames.map((name) => [name, new ColumnWriter()])) as Record<
    keyof Packed,
    ColumnWriter
  >;
  const last = new Map<number, number>();
  const nodes = new Map<number, number>();
  let before = 0;
  for (let i = 0; i < columns.start.length; i++) {
    const at = (column: Exclude<keyof Columns, never>) => columns[column][i] as number;
    const [start, end, key] = [at('start'), at('end'), at('key')];
    writers.start.natural(start - before);
    before = start;
    writers.length.natural(end === Infinity ? 0 : end - start + 1);
    writers.process.natural(at('process'));
    writers.what.natural(at('f') * 3 + at('outcome'));
    writers.key.natural(key + 1);
    const home = at('process');
    writers.node.natural(zigzag(at('node') - (nodes.get(home) ?? -1)));
    nodes.set(home, at('node'));
    writers.error.natural(at('error') + 1);
    for (const name of ['input', 'output', 'second'] as const) {
      const code = at(name);
      writers[name].natural(packed(code, last.get(key) ?? 0));
      if (isNumber(code)) last.set(key, code);
    }
  }
  return Object.fromEntries(columnNames.map((name) => [name, writers[name].bytes()])) as Record<
    keyof Packed,
    Uint8Array
  >;
}

export function unpack(from: Packed, length: number): Columns {
  const read = Object.fromEntries(
    columnNames.map((name) => [name, new ColumnReader(from[name], length)]),
  ) as Record<keyof Packed, ColumnReader>;
  const columns: Columns = {
    start: new Float64Array(length),
    end: new Float64Array(length),
    process: new Int32Array(length),
    f: new Uint8Array(length),
    outcome: new Uint8Array(length),
    key: new Int32Array(length),
    node: new Int32Array(length),
    error: new Int32Array(length),
    input: new Int32Array(length),
    output: new Int32Array(length),
    second: new Int32Array(length),
  };
  const last = new Map<number, number>();
  const nodes = new Map<number, number>();
  let start = 0;
  for (let i = 0; i < length; i++) {
    start += read.start.natural();
    const took = read.length.natural();
    const what = read.what.natural();
    const key = read.key.natural() - 1;
    columns.start[i] = start;
    columns.end[i] = took === 0 ? Infinity : start + took - 1;
    const process = read.process.natural();
    const node = (nodes.get(process) ?? -1) + unzigzag(read.node.natural());
    nodes.set(process, node);
    columns.process[i] = process;
    columns.node[i] = node;
    columns.f[i] = Math.floor(what / 3);
    columns.outcome[i] = what % 3;
    columns.key[i] = key;
    columns.error[i] = read.error.natural() - 1;
    for (const name of ['input', 'output', 'second'] as const) {
      const code = unpacked(read[name].natural(), last.get(key) ?? 0);
      columns[name][i] = code;
      if (isNumber(code)) last.set(key, code);
    }
  }
  return columns;
}

function isNumber(code: number): boolean {
  return code !== NOTHING && code < WORD;
}

/** 0 is nothing, odd is a word, even is a number. */
function packed(code: number, last: number): number {
  if (code === NOTHING) return 0;
  return isNumber(code) ? zigzag(code - last) * 2 + 2 : (code - WORD) * 2 + 1;
}

function unpacked(n: number, last: number): number {
  if (n === 0) return NOTHING;
  return n % 2 === 1 ? (n - 1) / 2 + WORD : unzigzag((n - 2) / 2) + last;
}

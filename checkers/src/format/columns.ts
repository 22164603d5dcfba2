/**
 * # A history as its own columns
 *
 * `history.jsonl` is the truth; whoever reads it again and again may keep what came of it beside it. The columns of the
 * table are laid down as they lie in memory, and everything else goes before them as JSON:
 *
 * ```
 *    0  KNOSSOS⏎          so that nobody takes it for anything else
 *    8  version           of this format, and of what `readJsonl` makes of a file: a change of either raises it
 *   12  length            of the header, in bytes
 *   16  digest            128 bits over both lengths, the header and the columns
 *   32  header            JSON: the source, names, keys, nodes, errors, values, marks, the tear
 *       columns           the eight-byte ones, the four-byte ones, the bytes; little endian
 * ```
 *
 * Header and columns are each filled up with zeros to a multiple of 16 bytes. The digest finds damage, not malice.
 */
import type { Mark, Operations } from '../history.ts';
import { sharable } from '../table/builder.ts';
import type { Columns } from '../table/columns.ts';
import { Table, type TableData } from '../table/table.ts';
import type { ReadHistory, Torn } from './jsonl.ts';

/** Which file the columns were made from. What is hashed and how is up to who keeps them, and compares. */
export interface ColumnsSource {
  readonly bytes: number;
  readonly hash: string;
}

type Dictionaries = Pick<TableData, 'length' | 'names' | 'keys' | 'nodes' | 'errors' | 'values'>;

interface Header extends Dictionaries {
  readonly source: ColumnsSource;
  readonly marks: readonly Mark[];
  readonly torn?: Torn;
}

const MAGIC = new TextEncoder().encode('KNOSSOS\n');
const VERSION = 1;
const HEAD = 32;
/** Two of eight bytes, eight of four, two of one. */
const ROW = 2 * 8 + 8 * 4 + 2;
/** Lists and objects within each other beyond this are left to the JSONL. */
const DEPTH = 200;

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The history as bytes for {@link readColumns}. `undefined` where that would not give back the same: on a big-endian
 * machine, for a history cut from another, and for one that holds what JSON can be read from but not printed to (`-0`,
 * `1e999`).
 */
export function writeColumns(read: ReadHistory, source: ColumnsSource): Uint8Array | undefined {
  const { history, marks, torn } = read;
  const { length, names, keys, nodes, errors, values, origin } = history;
  if (!littleEndian || origin || !printable([keys, values, marks], DEPTH)) return undefined;
  const header: Header = {
    source,
    length,
    names,
    keys,
    nodes,
    errors,
    values,
    marks,
    ...(torn && { torn }),
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const begin = HEAD + padded(json.length);
  const bytes = new Uint8Array(begin + padded(length * ROW));
  const into = columns(bytes.buffer, begin, length);
  for (const name of Object.keys(into) as (keyof Columns)[]) into[name].set(history[name]);
  bytes.set(MAGIC);
  bytes.set(json, HEAD);
  const head = new DataView(bytes.buffer);
  head.setUint32(8, VERSION, true);
  head.setUint32(12, json.length, true);
  const state = seeded(json.length, bytes.length);
  digest(new Int32Array(bytes.buffer, HEAD), state);
  new Int32Array(bytes.buffer, 16, 4).set(state);
  return bytes;
}

/**
 * What {@link writeColumns} was given; `undefined` for anything else, be it cut short, damaged or of another version.
 * Costs one copy of the columns, into memory that workers can share, and keeps nothing of `bytes`.
 */
export function readColumns<Ops extends Operations = Operations>(
  bytes: Uint8Array,
): (ReadHistory<Ops> & { readonly source: ColumnsSource }) | undefined {
  if (!littleEndian || bytes.length < HEAD || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const jsonBytes = head.getUint32(12, true);
  const begin = HEAD + padded(jsonBytes);
  const rest = bytes.length - begin;
  if (head.getUint32(8, true) !== VERSION || rest < 0 || rest % 16 !== 0) return undefined;
  const body = sharable(rest);
  new Uint8Array(body).set(bytes.subarray(begin));
  // Not `slice`, which of a `Buffer` is no copy.
  const json = new Uint8Array(bytes.subarray(HEAD, begin));
  const state = seeded(jsonBytes, bytes.length);
  digest(new Int32Array(json.buffer), state);
  digest(new Int32Array(body), state);
  if (state.some((word, i) => word !== head.getInt32(16 + 4 * i, true))) return undefined;
  let header: Header;
  try {
    // The digest says that this is what was written here.
    header = JSON.parse(new TextDecoder().decode(json.subarray(0, jsonBytes))) as Header;
  } catch {
    // Written where longer texts were possible than here.
    return undefined;
  }
  const { source, marks, torn, ...dictionaries } = header;
  if (rest !== padded(dictionaries.length * ROW)) return undefined;
  const history = new Table<Ops>({ ...dictionaries, ...columns(body, 0, dictionaries.length) });
  return { history, marks, ...(torn && { torn }), source };
}

/** The columns of so many rows, one behind the other, the widest first, so that each begins where it may. */
function columns(buffer: ArrayBufferLike, begin: number, rows: number): Columns {
  let at = begin;
  const next = (width: number): number => {
    const from = at;
    at += width * rows;
    return from;
  };
  const f64 = (): Float64Array => new Float64Array(buffer, next(8), rows);
  const i32 = (): Int32Array => new Int32Array(buffer, next(4), rows);
  const u8 = (): Uint8Array => new Uint8Array(buffer, next(1), rows);
  return {
    callTime: f64(),
    returnTime: f64(),
    process: i32(),
    key: i32(),
    call: i32(),
    return: i32(),
    input: i32(),
    output: i32(),
    node: i32(),
    error: i32(),
    f: u8(),
    outcome: u8(),
  };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function seeded(jsonBytes: number, bytes: number): Int32Array {
  return Int32Array.of(jsonBytes, bytes, 0x9e3779b9, VERSION);
}

/**
 * Adds words, a multiple of four, to a digest. Each lane can be undone word by word, so that a change within one word
 * is always seen; four of them because one would wait for its own multiplication most of the time.
 */
function digest(words: Int32Array, state: Int32Array): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a ^ (words[i] as number), 0x9e3779b1);
    b = Math.imul(b ^ (words[i + 1] as number), 0x85ebca77);
    c = Math.imul(c ^ (words[i + 2] as number), 0xc2b2ae3d);
    d = Math.imul(d ^ (words[i + 3] as number), 0x27d4eb2f);
    a ^= a >>> 15;
    b ^= b >>> 13;
    c ^= c >>> 16;
    d ^= d >>> 14;
  }
  state.set([a, b, c, d]);
}

/** Whether a value is read from what it is printed to. */
function printable(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'string':
    case 'boolean':
      return true;
    case 'object':
      if (value === null) return true;
      if (depth === 0) return false;
      return (Array.isArray(value) ? value : Object.values(value)).every((part) =>
        printable(part, depth - 1),
      );
    default:
      return false;
  }
}

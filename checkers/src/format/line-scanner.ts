import { FALSE, NOTHING, NULL, TRUE, type ValueEncoder } from '../table/values.ts';

/** Of what type the scanned event is; the first four as the history's outcomes, shifted by one for the call. */
export const INVOKE = 3;

/**
 * Reads lines of `history.jsonl` as this package's own writer and most others write them: flat objects, numbers that are
 * integers, strings without escapes. It does so byte by byte and makes no objects, five times faster than `JSON.parse`.
 * Whatever it does not know, {@link LineScanner.scan} gives up, and the line has to be read the slow way; so it
 * never has to be right about what is malformed, only about what is not.
 */
export class LineScanner {
  /** 0 `ok`, 1 `fail`, 2 `info`, {@link INVOKE}. */
  type = -1;
  index = 0;
  time = 0;
  process = 0;
  f = '';
  key: string | number | undefined;
  node: string | undefined;
  error: string | undefined;
  /** The code of the value. */
  value: number = NOTHING;

  readonly #bytes: Uint8Array;
  readonly #encoder: ValueEncoder;
  readonly #decoder = new TextDecoder();
  readonly #strings = new StringCache();
  #at = 0;

  constructor(bytes: Uint8Array, encoder: ValueEncoder) {
    this.#bytes = bytes;
    this.#encoder = encoder;
  }

  /** Reads the event of an operation that begins at `start`. Returns where the next line begins, or −1. */
  scan(start: number): number {
    const bytes = this.#bytes;
    this.#at = start;
    this.type = -1;
    this.f = '';
    this.key = this.node = this.error = undefined;
    this.value = NOTHING;
    let seen = 0;
    if (bytes[this.#at++] !== 0x7b) return -1;
    for (;;) {
      const field = this.#field();
      // A field that comes twice is left to JSON.parse, where the last one counts.
      if (field < 0 || seen & (1 << field)) return -1;
      seen |= 1 << field;
      if (!this.#read(field)) return -1;
      const next = bytes[this.#at++];
      if (next === 0x2c) continue;
      if (next !== 0x7d || bytes[this.#at] !== 0x0a) return -1;
      return (seen & REQUIRED) === REQUIRED && this.type >= 0 ? this.#at + 1 : -1;
    }
  }

  /** The number of the field whose name and colon are next, or −1. */
  #field(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (bytes[at] !== 0x22) return -1;
    let length = 1;
    while (length < 9 && bytes[at + length] !== 0x22) length++;
    if (bytes[at + length + 1] !== 0x3a) return -1;
    this.#at = at + length + 2;
    const field = FIELD_BY_LENGTH_AND_SECOND[(length - 1) * 256 + (bytes[at + 2] as number)] as number;
    if (field < 0) return -1;
    const name = FIELDS[field] as string;
    for (let i = 0; i < name.length; i++) if (bytes[at + 1 + i] !== name.charCodeAt(i)) return -1;
    return field;
  }

  #read(field: number): boolean {
    switch (field) {
      case INDEX:
        return this.#integer() && ((this.index = this.#number), true);
      case TIME:
        return this.#integer() && ((this.time = this.#number), true);
      case PROCESS:
        return this.#integer() && ((this.process = this.#number), this.#number < 2 ** 31);
      case TYPE: {
        const text = this.#string();
        this.type = text === undefined ? -1 : TYPES.indexOf(text);
        return this.type >= 0;
      }
      case F:
        return (this.f = this.#string() ?? '') !== '';
      case KEY:
        if (this.#bytes[this.#at] === 0x22) return (this.key = this.#string()) !== undefined;
        return this.#integer() && ((this.key = this.#number), true);
      case NODE:
        return (this.node = this.#string()) !== undefined;
      case ERROR:
        return (this.error = this.#string()) !== undefined;
      default:
        return this.#value();
    }
  }

  #value(): boolean {
    const bytes = this.#bytes;
    const first = bytes[this.#at] as number;
    if (first === 0x22) {
      const text = this.#string();
      if (text === undefined) return false;
      this.value = this.#encoder.encode(text);
      return true;
    }
    if (first === 0x5b) return this.#pair() || this.#nested();
    if (first === 0x7b) return this.#nested();
    if (first === 0x6e) return this.#word(0x6c, 4, NULL);
    if (first === 0x74) return this.#word(0x72, 4, TRUE);
    if (first === 0x66) return this.#word(0x61, 5, FALSE);
    if (!this.#integer()) return false;
    this.value = this.#encoder.encode(this.#number);
    return true;
  }

  #word(second: number, length: number, code: number): boolean {
    if (this.#bytes[this.#at + 1] !== second) return false;
    this.#at += length;
    this.value = code;
    return true;
  }

  /** `[1,2]`, the operands of a compare-and-set. */
  #pair(): boolean {
    const start = this.#at++;
    if (this.#integer()) {
      const first = this.#number;
      if (this.#bytes[this.#at++] === 0x2c && this.#integer() && this.#bytes[this.#at++] === 0x5d) {
        const second = this.#number;
        const { encode, pair } = this.#encoder;
        this.value = pair.call(
          this.#encoder,
          encode.call(this.#encoder, first),
          encode.call(this.#encoder, second),
          first,
          second,
        );
        return true;
      }
    }
    this.#at = start;
    return false;
  }

  /** Any list or object, up to its closing bracket. */
  #nested(): boolean {
    const bytes = this.#bytes;
    let depth = 0;
    let quoted = false;
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === 0x0a) return false;
      if (quoted) {
        if (byte === 0x5c) at++;
        else if (byte === 0x22) quoted = false;
      } else if (byte === 0x22) quoted = true;
      else if (byte === 0x5b || byte === 0x7b) depth++;
      else if ((byte === 0x5d || byte === 0x7d) && --depth === 0) {
        try {
          this.value = this.#encoder.encode(
            JSON.parse(this.#decoder.decode(bytes.subarray(this.#at, at + 1))),
          );
        } catch {
          return false;
        }
        this.#at = at + 1;
        return true;
      }
    }
    return false;
  }

  #number = 0;

  /** An integer of up to 15 digits, exactly as JSON allows it. */
  #integer(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    const start = at;
    let number = 0;
    for (
      let digit = (bytes[at] as number) - 0x30;
      digit >= 0 && digit <= 9;
      digit = (bytes[++at] as number) - 0x30
    )
      number = number * 10 + digit;
    const digits = at - start;
    if (digits === 0 || digits > 15 || (digits > 1 && bytes[start] === 0x30)) return false;
    this.#at = at;
    this.#number = negative ? -number : number;
    return true;
  }

  /** A string of printable ASCII without escapes. */
  #string(): string | undefined {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== 0x22) return undefined;
    const start = this.#at + 1;
    let at = start;
    let hash = 0x811c9dc5;
    for (let byte = bytes[at] as number; byte !== 0x22; byte = bytes[++at] as number) {
      // What is long is no name that comes again, and better read whole.
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c || at >= bytes.length || at - start > 4096)
        return undefined;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    this.#at = at + 1;
    return this.#strings.get(bytes, start, at, hash);
  }
}

/** Strings that were read not long ago, so that names that come again are not made again. */
class StringCache {
  readonly #texts: (string | undefined)[] = Array.from({ length: 4096 });

  get(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const slot = (hash ^ (hash >>> 12)) & 4095;
    const known = this.#texts[slot];
    if (known !== undefined && known.length === end - start) {
      let i = 0;
      while (i < known.length && known.charCodeAt(i) === bytes[start + i]) i++;
      if (i === known.length) return known;
    }
    let text = '';
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
    return (this.#texts[slot] = text);
  }
}

const TYPES: readonly string[] = ['ok', 'fail', 'info', 'invoke'];
const FIELDS: readonly string[] = ['index', 'time', 'process', 'type', 'f', 'key', 'node', 'error', 'value'];
const [INDEX, TIME, PROCESS, TYPE, F, KEY, NODE, ERROR] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const REQUIRED = 0b11111;
/** Length and second letter tell the fields apart. */
const FIELD_BY_LENGTH_AND_SECOND: Int8Array = new Int8Array(10 * 256).fill(-1);
for (const [field, name] of FIELDS.entries())
  FIELD_BY_LENGTH_AND_SECOND[name.length * 256 + (name.length > 1 ? name.charCodeAt(1) : 0x22)] = field;

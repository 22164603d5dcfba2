/**
 * Numbers the distinct (key, value) pairs of a history from 0. Nearly all values are small integers, so they
 * are hashed as integers, in an open-addressing table of typed arrays; the rest go through a `Map` first.
 */
export class VersionTable {
  length = 0;
  key: Int32Array = new Int32Array(1024);
  readonly values: unknown[] = [];
  #code = new Int32Array(1024);
  #slots = new Int32Array(2048).fill(-1);
  readonly #other = new Map<unknown, number>();

  /** The number of this pair, given out now if it is new. */
  place(key: number, value: unknown): number {
    const code = typeof value === 'number' && (value | 0) === value ? value << 1 : this.#codeOf(value);
    const mask = this.#slots.length - 1;
    let slot = hash(key, code) & mask;
    for (;;) {
      const version = this.#slots[slot] as number;
      if (version < 0) break;
      if (
        this.key[version] === key &&
        this.#code[version] === code &&
        sameInteger(this.values[version], value)
      )
        return version;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, key, code, value);
  }

  #add(slot: number, key: number, code: number, value: unknown): number {
    if (this.length === this.key.length) {
      this.key = grow(this.key);
      this.#code = grow(this.#code);
    }
    const version = this.length++;
    this.key[version] = key;
    this.#code[version] = code;
    this.values.push(value);
    this.#slots[slot] = version;
    if (this.length * 2 > this.#slots.length) this.#rehash();
    return version;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let version = 0; version < this.length; version++) {
      let slot = hash(this.key[version] as number, this.#code[version] as number) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = version;
    }
    this.#slots = slots;
  }

  /** Odd codes, so that they never meet an integer's (even) code. Structured values are equal when their JSON is. */
  #codeOf(value: unknown): number {
    const name = typeof value === 'object' && value !== null ? `json ${JSON.stringify(value)}` : value;
    let code = this.#other.get(name);
    if (code === undefined) {
      code = (this.#other.size << 1) | 1;
      this.#other.set(name, code);
    }
    return code;
  }
}

/** `value << 1` drops the top bit, so integers beyond 2³⁰ may share a code; other codes are exact. */
function sameInteger(a: unknown, b: unknown): boolean {
  return a === b || typeof b !== 'number' || typeof a !== 'number' || (Number.isNaN(a) && Number.isNaN(b));
}

function hash(key: number, code: number): number {
  let h = Math.imul(key, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

export function grow<T extends Int32Array | Uint8Array>(from: T): T {
  const to = new (from.constructor as new (length: number) => T)(Math.max(16, from.length * 2));
  to.set(from);
  return to;
}

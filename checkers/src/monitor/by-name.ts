/** Places to begin with; a power of two. */
const FEW = 64;
/** Of a long text so many characters at each end tell it apart mostly. */
const ENDS = 16;

/**
 * What is remembered of each value, by the value's name (see {@link nameOf}): a map that makes nothing new when entries come and go, as a
 * `Map` does every so often; see {@link Pool}. Open addressing; an entry that goes is filled from those behind it.
 */
export class ByName<T> {
  #names: unknown[] = Array.from({ length: FEW });
  #entries: (T | undefined)[] = Array.from({ length: FEW });
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: unknown): T | undefined {
    return this.#entries[this.#placeOf(name)];
  }

  has(name: unknown): boolean {
    return this.get(name) !== undefined;
  }

  set(name: unknown, entry: T): void {
    const place = this.#placeOf(name);
    if (this.#entries[place] === undefined) this.#size++;
    this.#names[place] = name;
    this.#entries[place] = entry;
    if (2 * this.#size > this.#entries.length) this.#widen();
  }

  delete(name: unknown): void {
    let hole = this.#placeOf(name);
    if (this.#entries[hole] === undefined) return;
    this.#size--;
    const mask = this.#entries.length - 1;
    for (let place = (hole + 1) & mask; this.#entries[place] !== undefined; place = (place + 1) & mask) {
      const home = hash(this.#names[place]) & mask;
      // It may move to the hole unless its own place lies behind that.
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      this.#names[hole] = this.#names[place];
      this.#entries[hole] = this.#entries[place];
      hole = place;
    }
    this.#names[hole] = undefined;
    this.#entries[hole] = undefined;
  }

  *values(): Generator<T> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  /** The same, without anything new. */
  each(see: (entry: T) => void): void {
    const entries = this.#entries;
    for (let place = 0; place < entries.length; place++) {
      const entry = entries[place];
      if (entry !== undefined) see(entry);
    }
  }

  /** Where an entry is, or would be. */
  #placeOf(name: unknown): number {
    const mask = this.#entries.length - 1;
    let place = hash(name) & mask;
    while (this.#entries[place] !== undefined && !isSame(this.#names[place], name))
      place = (place + 1) & mask;
    return place;
  }

  #widen(): void {
    const [names, entries] = [this.#names, this.#entries];
    this.#names = Array.from({ length: 2 * names.length });
    this.#entries = Array.from({ length: 2 * names.length });
    for (let i = 0; i < entries.length; i++) {
      if (entries[i] === undefined) continue;
      const place = this.#placeOf(names[i]);
      this.#names[place] = names[i];
      this.#entries[place] = entries[i];
    }
  }
}

/** As keys of a `Map` are compared. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (a !== a && b !== b);
}

function hash(name: unknown): number {
  if (typeof name === 'number') {
    const whole = Math.trunc(name);
    return mixed(whole | 0, (whole / 2 ** 32) ^ ((name - whole) * 2 ** 32));
  }
  if (typeof name !== 'string') return name === null ? 1 : name === true ? 2 : 3;
  let sum = name.length;
  const { length } = name;
  for (let i = 0; i < length; i = i === ENDS - 1 ? Math.max(ENDS, length - ENDS) : i + 1)
    sum = Math.imul(sum ^ name.charCodeAt(i), 0x01000193);
  return mixed(sum, 0);
}

function mixed(a: number, b: number): number {
  let sum = Math.imul(a ^ Math.imul(b, 0x85ebca6b), 0x9e3779b1);
  sum ^= sum >>> 15;
  return Math.imul(sum, 0xc2b2ae35) ^ (sum >>> 13);
}

/** Room for so many to begin with: counterexamples are shrunk by searching many small histories. */
const FEW = 16;

/**
 * A set of configurations, each a fixed number of 32-bit words. The first `exact` words say where the search is;
 * the rest count how many optional operations of each class it has used to get there. Whoever got to the same
 * place having used no more of any class can do all that the other can, so the other need not be looked at.
 */
export class Configurations {
  readonly #width: number;
  readonly #exact: number;
  #words: Int32Array;
  #hashes: Int32Array;
  /** The next configuration at the same place, or −1. */
  #more: Int32Array;
  #table: Int32Array;
  #count = 0;
  #places = 0;

  constructor(width: number, exact: number) {
    this.#width = width;
    this.#exact = exact;
    this.#words = new Int32Array(width * FEW);
    this.#hashes = new Int32Array(FEW);
    this.#more = new Int32Array(FEW);
    this.#table = new Int32Array(4 * FEW).fill(-1);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return 4 * (this.#words.length + 2 * this.#hashes.length + this.#table.length);
  }

  /** Adds a configuration, or says `false` if one at least as good is there already. */
  add(words: Int32Array): boolean {
    const hash = this.#hash(words);
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (
      let c = this.#table[slot] as number;
      c !== -1;
      slot = (slot + 1) & mask, c = this.#table[slot] as number
    ) {
      if (this.#hashes[c] !== hash || !this.#samePlace(c, words)) continue;
      if (this.#width === this.#exact) return false;
      for (let other = c; other !== -1; other = this.#more[other] as number)
        if (this.#usedNoMore(other, words)) return false;
      const added = this.#append(words, hash);
      this.#more[added] = this.#more[c] as number;
      this.#more[c] = added;
      return true;
    }
    this.#table[slot] = this.#append(words, hash);
    if (++this.#places * 2 > this.#table.length) this.#widen();
    return true;
  }

  #samePlace(c: number, words: Int32Array): boolean {
    const base = c * this.#width;
    for (let i = 0; i < this.#exact; i++) if (this.#words[base + i] !== words[i]) return false;
    return true;
  }

  #usedNoMore(c: number, words: Int32Array): boolean {
    const base = c * this.#width;
    for (let i = this.#exact; i < this.#width; i++)
      if ((this.#words[base + i] as number) > (words[i] as number)) return false;
    return true;
  }

  #hash(words: Int32Array): number {
    let hash = 0x9e3779b1;
    for (let i = 0; i < this.#exact; i++) {
      hash = Math.imul(hash ^ (words[i] as number), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 15);
  }

  #append(words: Int32Array, hash: number): number {
    if (this.#count === this.#hashes.length) {
      this.#words = grown(this.#words);
      this.#hashes = grown(this.#hashes);
      this.#more = grown(this.#more);
    }
    this.#words.set(words.subarray(0, this.#width), this.#count * this.#width);
    this.#hashes[this.#count] = hash;
    this.#more[this.#count] = -1;
    return this.#count++;
  }

  #widen(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2).fill(-1);
    const mask = this.#table.length - 1;
    for (const c of old) {
      if (c === -1) continue;
      let slot = (this.#hashes[c] as number) & mask;
      while (this.#table[slot] !== -1) slot = (slot + 1) & mask;
      this.#table[slot] = c;
    }
  }
}

export function grown(words: Int32Array): Int32Array {
  const twice = new Int32Array(words.length * 2);
  twice.set(words);
  return twice;
}

import { grown } from '../configurations.ts';

/** Of what kind the operation in each slot is. A refused compare-and-set counts as a read. */
export interface PendingMasks {
  readonly reads: Int32Array;
  readonly writes: Int32Array;
  readonly swaps: Int32Array;
}

/** How many configurations at one place are compared with a new one. More find more to drop, and take longer. */
const COMPARED = 200;

/** Room for so many to begin with: counterexamples are shrunk by searching many small histories. */
const FEW = 16;

/**
 * The configurations of the lazy search, without those that others make superfluous. At one place (event, value, swaps
 * that took effect) one configuration can do all that another can if
 *
 * - every read that took effect there took effect here;
 * - every write is at least as free: killable is freer than done and than fresh, between which there is no order;
 * - of no class of optional operations that matters it has used more.
 *
 * A class matters to a configuration until it has failed, and afterwards only if it ran short: if on some way from there
 * one more of the class would have been used, had there been one. Where enough of everything is left, as late in a
 * history with many crashes, configurations that fail for other reasons fail alike, whatever each has used.
 *
 * Configurations at one place form a list, newest right behind the first.
 */
export class LazyConfigurations {
  readonly #masks: number;
  readonly #width: number;
  /** How many words hold a bit for each class. */
  readonly #short: number;
  #words: Int32Array;
  /** For each configuration the classes that matter, as bits: all of them until it failed. */
  #matter: Int32Array;
  #hashes: Int32Array = new Int32Array(FEW);
  #more: Int32Array = new Int32Array(FEW);
  #table: Int32Array = new Int32Array(4 * FEW).fill(-1);
  #count = 0;
  #places = 0;

  constructor(masks: number, classes: number) {
    this.#masks = masks;
    this.#width = 2 + 2 * masks + classes;
    this.#short = (classes + 31) >>> 5;
    this.#words = new Int32Array(FEW * this.#width);
    this.#matter = new Int32Array(FEW * this.#short);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return 4 * (this.#words.length + this.#matter.length + 2 * this.#hashes.length + this.#table.length);
  }

  /** Adds a configuration and returns its number; or −1 − the number of one that can do as much. */
  add(words: Int32Array, mask: PendingMasks): number {
    const hash = this.#hash(words, mask.swaps);
    const wrap = this.#table.length - 1;
    let slot = hash & wrap;
    for (
      let c = this.#table[slot] as number;
      c !== -1;
      slot = (slot + 1) & wrap, c = this.#table[slot] as number
    ) {
      if (this.#hashes[c] !== hash || !this.#samePlace(c, words, mask.swaps)) continue;
      let left = COMPARED;
      for (let other = c; other !== -1 && left-- > 0; other = this.#more[other] as number)
        if (this.#canDoAll(other, words, mask)) return -1 - other;
      const added = this.#append(words, hash);
      this.#more[added] = this.#more[c] as number;
      this.#more[c] = added;
      return added;
    }
    const added = this.#append(words, hash);
    this.#table[slot] = added;
    if (++this.#places * 2 > this.#table.length) this.#widen();
    return added;
  }

  /** Nothing from this configuration on succeeds; the classes that ran short on the way are the bits of `short`. */
  failed(c: number, short: Int32Array, from: number): void {
    for (let i = 0; i < this.#short; i++) this.#matter[c * this.#short + i] = short[from + i] as number;
  }

  /** Adds the classes that matter to a configuration to the bits of `short`. */
  collect(c: number, short: Int32Array, to: number): void {
    for (let i = 0; i < this.#short; i++) short[to + i]! |= this.#matter[c * this.#short + i] as number;
  }

  #samePlace(c: number, words: Int32Array, swaps: Int32Array): boolean {
    const base = c * this.#width;
    if (this.#words[base] !== words[0] || this.#words[base + 1] !== words[1]) return false;
    for (let i = 0; i < this.#masks; i++)
      if (((this.#words[base + 2 + i] as number) ^ (words[2 + i] as number)) & (swaps[i] as number))
        return false;
    return true;
  }

  #canDoAll(c: number, words: Int32Array, { reads, writes }: PendingMasks): boolean {
    const known = this.#words;
    const base = c * this.#width;
    const masks = this.#masks;
    for (let i = 0; i < masks; i++) {
      const doneThere = words[2 + i] as number;
      const doneHere = known[base + 2 + i] as number;
      if (doneThere & (reads[i] as number) & ~doneHere) return false;
      const w = writes[i] as number;
      const killThere = (words[2 + masks + i] as number) & ~doneThere & w;
      const killHere = (known[base + 2 + masks + i] as number) & ~doneHere & w;
      // A write that differs must be killable here.
      const differs = ((doneThere ^ doneHere) & w) | (killThere ^ killHere);
      if (differs & ~killHere) return false;
    }
    const used = 2 + 2 * masks;
    for (let w = 0; w < this.#short; w++)
      for (let left = this.#matter[c * this.#short + w] as number; left !== 0; left &= left - 1) {
        const i = used + 32 * w + (31 - Math.clz32(left & -left));
        if (i < this.#width && (known[base + i] as number) > (words[i] as number)) return false;
      }
    return true;
  }

  #hash(words: Int32Array, swaps: Int32Array): number {
    let hash = Math.imul((words[0] as number) ^ 0x9e3779b1, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash ^ (words[1] as number), 0xc2b2ae35);
    hash ^= hash >>> 15;
    for (let i = 0; i < this.#masks; i++) {
      hash = Math.imul(hash ^ ((words[2 + i] as number) & (swaps[i] as number)), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    return hash;
  }

  #append(words: Int32Array, hash: number): number {
    if (this.#count === this.#hashes.length) {
      this.#words = grown(this.#words);
      this.#hashes = grown(this.#hashes);
      this.#more = grown(this.#more);
      this.#matter = grown(this.#matter);
    }
    this.#matter.fill(-1, this.#count * this.#short, (this.#count + 1) * this.#short);
    const base = this.#count * this.#width;
    for (let i = 0; i < this.#width; i++) this.#words[base + i] = words[i] as number;
    this.#hashes[this.#count] = hash;
    this.#more[this.#count] = -1;
    return this.#count++;
  }

  #widen(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2).fill(-1);
    const wrap = this.#table.length - 1;
    for (const c of old) {
      if (c === -1) continue;
      let slot = (this.#hashes[c] as number) & wrap;
      while (this.#table[slot] !== -1) slot = (slot + 1) & wrap;
      this.#table[slot] = c;
    }
  }
}

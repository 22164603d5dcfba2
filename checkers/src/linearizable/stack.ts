import { grown } from './configurations.ts';

/** A stack of fixed-width records of 32-bit words: a depth-first search without recursion and without objects. */
export class WordStack {
  readonly #width: number;
  #words: Int32Array;
  #length = 0;

  constructor(width: number) {
    this.#width = width;
    this.#words = new Int32Array(width * 16);
  }

  get bytes(): number {
    return 4 * this.#words.length;
  }

  push(words: Int32Array): void {
    const base = this.#length * this.#width;
    if (base + this.#width > this.#words.length) this.#words = grown(this.#words);
    for (let i = 0; i < this.#width; i++) this.#words[base + i] = words[i] as number;
    this.#length++;
  }

  /** Moves the top record into `words`; `false` if there is none. */
  pop(words: Int32Array): boolean {
    if (this.#length === 0) return false;
    const base = --this.#length * this.#width;
    for (let i = 0; i < this.#width; i++) words[i] = this.#words[base + i] as number;
    return true;
  }
}

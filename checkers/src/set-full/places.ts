import type { History } from '../history.ts';
import { canonical } from '../table/values.ts';

/** What a read returned: an array, or for the numbers of a large one a typed array. */
export type Elements = readonly unknown[] | Int32Array;

/**
 * Numbers elements from 0, in order of first appearance. Whole numbers close together, which most are, are looked up in an
 * array, in a nanosecond or two; everything else in a map.
 */
export class Places {
  /** By place. */
  readonly values: unknown[] = [];
  readonly #least: number;
  readonly #dense: Int32Array;
  readonly #others = new Map<unknown, number>();

  /** `inputs` are rows whose inputs are elements: they say what range to expect. */
  constructor({ input }: History, inputs: ArrayLike<number>) {
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = 0; i < inputs.length; i++) {
      const code = input[inputs[i] as number] as number;
      if (Math.abs(code) >= DICTIONARY) continue;
      if (code < least) least = code;
      if (code > greatest) greatest = code;
    }
    const size = greatest - least + 1;
    const isDense = size > 0 && size < 8 * inputs.length + 1024;
    this.#least = isDense ? least : 0;
    this.#dense = new Int32Array(isDense ? size : 0).fill(-1);
  }

  of(value: unknown): number {
    if (typeof value === 'number') {
      const i = value - this.#least;
      const place = this.#dense[i];
      if (place !== undefined) return place >= 0 ? place : (this.#dense[i] = this.#next(value));
    }
    const name = typeof value === 'object' ? canonical(value) : value;
    let place = this.#others.get(name);
    if (place === undefined) this.#others.set(name, (place = this.#next(value)));
    return place;
  }

  #next(value: unknown): number {
    return this.values.push(value) - 1;
  }
}

/** Codes from here on are places in the dictionary; see table/values.ts. */
const DICTIONARY = 2 ** 30;

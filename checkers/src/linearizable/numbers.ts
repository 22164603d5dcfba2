/** Numbers for the values of one container: an array where values are integers close together, else a map. */
export class Numbers {
  readonly #least: number;
  readonly #dense: Int32Array | undefined;
  readonly #sparse = new Map<number, number>();

  /** `values` are all that will be numbered, as often as they come. */
  constructor(values: Int32Array) {
    let least = Infinity;
    let greatest = -Infinity;
    for (const value of values) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    this.#least = least;
    const size = values.length === 0 ? 0 : greatest - least + 1;
    if (size < 8 * values.length + 1024) this.#dense = new Int32Array(size).fill(-1);
  }

  /** The number of a value, which is `otherwise` if it is new. */
  number(value: number, otherwise: number): number {
    const known = this.find(value);
    if (known >= 0) return known;
    if (this.#dense) this.#dense[value - this.#least] = otherwise;
    else this.#sparse.set(value, otherwise);
    return otherwise;
  }

  /** −1 if it has none. */
  find(value: number): number {
    const found = this.#dense ? this.#dense[value - this.#least] : this.#sparse.get(value);
    return found ?? -1;
  }
}

/** A list that keeps its room when it becomes shorter, and so makes nothing new when it becomes longer again; see {@link Pool}. */
export class Bag<T> {
  readonly #items: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  at(place: number): T {
    return this.#items[place] as T;
  }

  add(item: T): void {
    this.#items[this.#size++] = item;
  }

  remove(item: T): void {
    this.keep((each) => each !== item);
  }

  /** Lets go of all others. The rest stays in order. */
  keep(wanted: (item: T) => boolean): void {
    const items = this.#items;
    let kept = 0;
    for (let i = 0; i < this.#size; i++) {
      const item = items[i] as T;
      if (wanted(item)) items[kept++] = item;
    }
    for (let i = kept; i < this.#size; i++) items[i] = undefined;
    this.#size = kept;
  }

  /** As an array of its own. */
  list(): T[] {
    return this.#items.slice(0, this.#size) as T[];
  }
}

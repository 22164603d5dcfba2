/** Transactions that may be ready to go, smallest rank first: a binary heap of numbers. */
export class Queue {
  size = 0;
  #items = new Int32Array(1024);
  readonly #rank: Int32Array;

  constructor(rank: Int32Array) {
    this.#rank = rank;
  }

  push(t: number): void {
    if (this.size === this.#items.length) {
      const more = new Int32Array(this.size * 2);
      more.set(this.#items);
      this.#items = more;
    }
    const items = this.#items;
    const rank = this.#rank[t] as number;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((this.#rank[items[parent] as number] as number) <= rank) break;
      items[i] = items[parent] as number;
      i = parent;
    }
    items[i] = t;
  }

  pop(): number {
    const items = this.#items;
    const first = items[0] as number;
    const last = items[--this.size] as number;
    const rank = this.#rank[last] as number;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size &&
        (this.#rank[items[child + 1] as number] as number) < (this.#rank[items[child] as number] as number)
      )
        child++;
      if (rank <= (this.#rank[items[child] as number] as number)) break;
      items[i] = items[child] as number;
      i = child;
    }
    items[i] = last;
    return first;
  }
}

/** What is to happen next: a binary heap of items by time, ties in order of arrival. */
export class Agenda<T> {
  readonly #items: { readonly time: number; readonly turn: number; readonly what: T }[] = [];
  #turn = 0;

  get length(): number {
    return this.#items.length;
  }

  add(time: number, what: T): void {
    const items = this.#items;
    const item = { time, turn: this.#turn++, what };
    let i = items.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (earlier(items[parent]!, item)) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = item;
  }

  next(): { readonly time: number; readonly what: T } | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || !last) return first;
    let i = 0;
    for (let child = 1; child < items.length; child = 2 * i + 1) {
      if (child + 1 < items.length && earlier(items[child + 1]!, items[child]!)) child++;
      if (earlier(last, items[child]!)) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = last;
    return first;
  }
}

function earlier(a: { time: number; turn: number }, b: { time: number; turn: number }): boolean {
  return a.time < b.time || (a.time === b.time && a.turn < b.turn);
}

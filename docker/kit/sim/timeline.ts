/** Virtual time: it stands still until the next thing that will happen, and then it is there at once. */
export class Timeline {
  /** Milliseconds since it began. */
  now = 0;
  readonly #queue = new Queue();

  /** Run `then` after `ms` of virtual time. */
  after(ms: number, then: () => void): void {
    this.#queue.push(this.now + Math.max(0, ms), then);
  }

  /** Let the next thing happen. False when there is none. */
  step(): boolean {
    const event = this.#queue.pop();
    if (!event) return false;
    this.now = event.at;
    event.run();
    return true;
  }
}

/** Something that will happen, at a virtual millisecond. */
interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** What will happen, soonest first; of what happens at the same instant, first come, first served. A binary heap. */
class Queue {
  readonly #heap: (Event & { readonly order: number })[] = [];
  #order = 0;

  push(at: number, run: () => void): void {
    const heap = this.#heap;
    const event = { at, run, order: this.#order++ };
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as typeof event;
      if (!before(event, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = event;
  }

  pop(): Event | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      if (right && before(right, left)) child++;
      const smaller = heap[child] as typeof last;
      if (!before(smaller, last)) break;
      heap[i] = smaller;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

interface Ordered extends Event {
  readonly order: number;
}
const before = (a: Ordered, b: Ordered): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

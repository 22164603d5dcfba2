/**
 * The gaps between events: gap `p` lies behind the event at position `p`, and one may lie behind the last. Gaps are covered
 * a stretch at a time and never uncovered, so the next one that is free is found by union and find, in next to no time.
 */
export class Gaps {
  /** Where to look for a free gap from here: at the gap itself if it is free. */
  readonly #next: Int32Array;

  constructor(last: number) {
    this.#next = new Int32Array(last + 2);
    for (let p = 0; p < this.#next.length; p++) this.#next[p] = p;
  }

  /** Covers the gaps from one position up to, and without, another. */
  cover(from: number, to: number): void {
    const end = Math.min(to, this.#next.length - 1);
    for (let p = this.free(from); p < end; p = this.free(p)) this.#next[p] = p + 1;
  }

  /** The first free gap at or behind a position; one more than the last if there is none. */
  free(from: number): number {
    const next = this.#next;
    let root = from;
    while (next[root] !== root) root = next[root] as number;
    for (let p = from; p !== root;) {
      const after = next[p] as number;
      next[p] = root;
      p = after;
    }
    return root;
  }
}

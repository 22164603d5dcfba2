/** Keeps the place of the greatest of many numbers, in any stretch of them, while they change one by one. */
export class Greatest {
  readonly #leaves: number;
  readonly #greatest: Int32Array;

  constructor(numbers: Int32Array) {
    this.#leaves = powerAbove(numbers.length);
    this.#greatest = new Int32Array(2 * this.#leaves).fill(LEAST);
    this.#greatest.set(numbers, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#join(node);
  }

  set(place: number, to: number): void {
    let node = place + this.#leaves;
    this.#greatest[node] = to;
    while ((node >>= 1) > 0) this.#join(node);
  }

  at(place: number): number {
    return this.#greatest[place + this.#leaves] as number;
  }

  /** The place of the greatest number from one place up to, and with, another. */
  in(from: number, to: number): number {
    const all = this.#greatest;
    let best = from + this.#leaves;
    for (let low = best, high = to + this.#leaves + 1; low < high; low >>= 1, high >>= 1) {
      if (low & 1) {
        if ((all[low] as number) > (all[best] as number)) best = low;
        low++;
      }
      if (high & 1) {
        high--;
        if ((all[high] as number) > (all[best] as number)) best = high;
      }
    }
    while (best < this.#leaves) best = 2 * best + (all[2 * best] === all[best] ? 0 : 1);
    return best - this.#leaves;
  }

  #join(node: number): void {
    const left = this.#greatest[2 * node] as number;
    const right = this.#greatest[2 * node + 1] as number;
    this.#greatest[node] = left > right ? left : right;
  }
}

/** Less than anything that {@link Greatest} is given. */
export const LEAST: number = -(2 ** 31);

/** Counts of things that lie over places: whole stretches become one less, and the first place under nothing is asked for. */
export class Layers {
  readonly #leaves: number;
  /** The least count below a node, without what is yet to be taken off above it. */
  readonly #least: Int32Array;
  readonly #owed: Int32Array;

  constructor(counts: Int32Array) {
    this.#leaves = powerAbove(counts.length);
    this.#least = new Int32Array(2 * this.#leaves).fill(COVERED);
    this.#owed = new Int32Array(this.#leaves);
    this.#least.set(counts, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#join(node);
  }

  /** One layer less, from one place up to, and without, another. */
  lift(from: number, to: number): void {
    if (from >= to) return;
    for (let low = from + this.#leaves, high = to + this.#leaves; low < high; low >>= 1, high >>= 1) {
      if (low & 1) this.#add(low++, -1);
      if (high & 1) this.#add(--high, -1);
    }
    this.#joinAbove(from + this.#leaves);
    this.#joinAbove(to - 1 + this.#leaves);
  }

  /** This place is never under nothing any more. */
  bury(place: number): void {
    this.#add(place + this.#leaves, COVERED);
    this.#joinAbove(place + this.#leaves);
  }

  /** The first place from here on that is under nothing; some place beyond all if there is none. */
  firstBare(from: number): number {
    if (from >= this.#leaves) return from;
    let node = from + this.#leaves;
    for (let level = 31 - Math.clz32(node); level > 0; level--) this.#pass(node >> level);
    while (this.#least[node] !== 0) {
      while (node & 1) node >>= 1;
      if (node === 0) return this.#leaves;
      node++;
      if ((node & (node - 1)) === 0) return this.#leaves;
    }
    while (node < this.#leaves) {
      this.#pass(node);
      node = 2 * node + (this.#least[2 * node] === 0 ? 0 : 1);
    }
    return node - this.#leaves;
  }

  #add(node: number, by: number): void {
    this.#least[node]! += by;
    if (node < this.#leaves) this.#owed[node]! += by;
  }

  #pass(node: number): void {
    const by = this.#owed[node] as number;
    if (by === 0) return;
    this.#owed[node] = 0;
    this.#add(2 * node, by);
    this.#add(2 * node + 1, by);
  }

  #join(node: number): void {
    const left = this.#least[2 * node] as number;
    const right = this.#least[2 * node + 1] as number;
    this.#least[node] = (left < right ? left : right) + (this.#owed[node] as number);
  }

  #joinAbove(leaf: number): void {
    for (let node = leaf >> 1; node > 0; node >>= 1) this.#join(node);
  }
}

/** Keeps who ends first among those that begin before a position, while they are added one by one. */
export class FirstEnds {
  readonly #end: Float64Array;
  readonly #who: Int32Array;

  constructor(last: number) {
    this.#end = new Float64Array(last + 2).fill(Infinity);
    this.#who = new Int32Array(last + 2);
  }

  add(begin: number, end: number, who: number): void {
    for (let node = begin + 1; node < this.#end.length; node += node & -node)
      if (end < (this.#end[node] as number)) {
        this.#end[node] = end;
        this.#who[node] = who;
      }
  }

  before(position: number): { readonly end: number; readonly who: number } {
    let end = Infinity;
    let who = 0;
    for (let node = position; node > 0; node -= node & -node)
      if ((this.#end[node] as number) < end) {
        end = this.#end[node] as number;
        who = this.#who[node] as number;
      }
    return { end, who };
  }
}

/** More layers than there can be. */
const COVERED = 2 ** 29;

function powerAbove(n: number): number {
  let power = 2;
  while (power < n) power *= 2;
  return power;
}

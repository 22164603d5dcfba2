/** Something that is used again once nobody needs it. */
export interface Pooled {
  /** The round of {@link Pool.sweep} in which it was last found to be needed. */
  mark: number;
}

/** Nothing is swept for less. */
const FEW = 64;

/**
 * Objects that are used again and again. What lives for a short while, but not a very short one, is what makes a runtime give young
 * objects more and more room: the more of them survive, the more it takes. Objects that are reused are old ones.
 *
 * Who takes has to sweep when there are none left: everything that is still needed is marked, and the rest is free.
 */
export class Pool<T extends Pooled> {
  readonly #make: () => T;
  readonly #all: T[] = [];
  /** From here on they are free. */
  #used = 0;
  #sweepAt = FEW;

  constructor(make: () => T) {
    this.#make = make;
  }

  /** Whether it is time to look which are still needed. */
  get isFull(): boolean {
    return this.#used >= this.#sweepAt;
  }

  take(): T {
    let one = this.#all[this.#used];
    if (!one) this.#all.push((one = this.#make()));
    this.#used++;
    return one;
  }

  /** Those that have been taken. */
  each(see: (one: T) => void): void {
    for (let i = 0; i < this.#used; i++) see(this.#all[i] as T);
  }

  /** Takes back all that have not been marked by this round. Rounds are numbered upwards. */
  sweep(round: number): void {
    const all = this.#all;
    for (let i = 0; i < this.#used;) {
      const one = all[i] as T;
      if (one.mark === round) {
        i++;
        continue;
      }
      this.#used--;
      all[i] = all[this.#used] as T;
      all[this.#used] = one;
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#used);
    // After a crowd has gone, room for twice as many as are left will do.
    if (all.length > 4 * this.#sweepAt) all.length = 2 * this.#sweepAt;
  }
}

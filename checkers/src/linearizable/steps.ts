/** Nobody has asked the model yet. */
export const UNKNOWN: number = -2;

/** Room for so many to begin with: counterexamples are shrunk by searching many small histories. */
const FEW = 32;

/**
 * Where steps lead, by the state that they begin in and the kind of operation. A table of its own: a `Map` holds no more than 2²⁴
 * entries, takes three times the room, and finds half as fast.
 */
export class Steps {
  /** State, kind, and where that leads, one after the other; a state of −1 where nothing is. */
  #entries: Int32Array = new Int32Array(3 * FEW).fill(-1);
  #size = 0;

  get bytes(): number {
    return 4 * this.#entries.length;
  }

  /** The place of a step, or where it would be. It changes when others are set. */
  placeOf(from: number, kind: number): number {
    const entries = this.#entries;
    const mask = entries.length / 3 - 1;
    for (let slot = hash(from, kind) & mask; ; slot = (slot + 1) & mask) {
      const place = 3 * slot;
      if (entries[place] === -1 || (entries[place] === from && entries[place + 1] === kind)) return place;
    }
  }

  /** Where the step at a place leads, or {@link UNKNOWN}. */
  at(place: number): number {
    return this.#entries[place] === -1 ? UNKNOWN : (this.#entries[place + 2] as number);
  }

  set(place: number, from: number, kind: number, to: number): void {
    this.#entries[place] = from;
    this.#entries[place + 1] = kind;
    this.#entries[place + 2] = to;
    if (++this.#size * 6 > this.#entries.length) this.#widen();
  }

  #widen(): void {
    const old = this.#entries;
    this.#entries = new Int32Array(2 * old.length).fill(-1);
    for (let i = 0; i < old.length; i += 3) {
      if (old[i] === -1) continue;
      const place = this.placeOf(old[i] as number, old[i + 1] as number);
      this.#entries[place] = old[i] as number;
      this.#entries[place + 1] = old[i + 1] as number;
      this.#entries[place + 2] = old[i + 2] as number;
    }
  }
}

function hash(from: number, kind: number): number {
  let mixed = Math.imul(from, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}

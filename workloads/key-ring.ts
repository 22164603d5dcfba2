import type { Random } from '../harness/random.ts';

/** One of the keys in use. `Notes` is whatever the workload remembers about it. */
export interface LiveKey<Notes> {
  readonly key: string;
  readonly notes: Notes;
}

export interface KeyRingOptions {
  /** How many keys are in use at a time. */
  readonly keys: number;
  /** How unevenly: the i-th key is chosen in proportion to 1/iᶻⁱᵖᶠ. 0 is evenly. */
  readonly zipf: number;
  /** About how many operations a key sees before a new one takes its place. */
  readonly perKey: number;
}

/**
 * The keys that a workload is using now. Each serves for about so many operations, and then a new one takes its place:
 *
 * ```
 *   place 0  x0 ──────┤x4 ───────────┤x7 ─────
 *   place 1  x1 ───────────┤x5 ──────────────
 *   place 2  x2 ──┤x3 ────────────────┤x8 ───
 * ```
 *
 * A bound on operations bounds what a search may have to try; a lifetime drawn for each key keeps them from retiring
 * together, so that at any moment some are new and some are old. Names count up from 0 without gaps, which lets
 * whoever comes later find them all.
 */
export class KeyRing<Notes> {
  readonly #options: KeyRingOptions;
  readonly #fresh: () => Notes;
  readonly #places: { live: LiveKey<Notes>; left: number }[] = [];
  /** `#shares[i]`: the chance of a place up to `i`. */
  readonly #shares: readonly number[];
  #made = 0;

  constructor(options: KeyRingOptions, random: Random, fresh: () => Notes) {
    this.#options = options;
    this.#fresh = fresh;
    this.#shares = cumulative(Array.from({ length: options.keys }, (_, i) => (i + 1) ** -options.zipf));
    // The first keys are met at a random age.
    for (let i = 0; i < options.keys; i++)
      this.#places.push({ live: this.#make(), left: this.#lifetime(random.fraction()) });
  }

  /** How many keys there have ever been: `x0` up to, not including, `x<made>`. */
  get made(): number {
    return this.#made;
  }

  /** The key for the next operation, which counts against its lifetime. */
  take(random: Random): LiveKey<Notes> {
    const drawn = random.fraction();
    const at = Math.max(
      0,
      this.#shares.findIndex((share) => drawn < share),
    );
    const place = this.#places[at] as { live: LiveKey<Notes>; left: number };
    if (place.left === 0) {
      place.live = this.#make();
      place.left = this.#lifetime(0.5 + random.fraction());
    }
    place.left--;
    return place.live;
  }

  #make(): LiveKey<Notes> {
    return { key: keyName(this.#made++), notes: this.#fresh() };
  }

  #lifetime(factor: number): number {
    return Math.max(1, Math.round(this.#options.perKey * factor));
  }
}

/** Letters and digits alone: it goes into paths, topics and table rows as it is. */
export function keyName(number: number): string {
  return `x${number}`;
}

function cumulative(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => (sum += weight) / total);
}

import { Unreachable, type Clock, type Key } from '../kit/kit.ts';

/** How long a node that did not answer is not asked again, where another can be asked in its stead. */
const SUSPECTED_MS = 1000;

/** All nodes, in the order in which a key prefers them: from a place in the ring of nodes that the key decides. The first N are its replicas. */
export function preference(all: readonly string[], key: Key): string[] {
  const from = [...String(key)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return all.map((_, i) => all[(from + i) % all.length] as string);
}

/**
 * Whom a sloppy quorum asks (DeCandia et al. 2007, §4.6): a key's replicas, and for each that cannot be reached the next node
 * that can, in its stead.
 */
export class Standins {
  readonly #clock: Clock;
  readonly #silent = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers of the first `n` of `order`, or of those that stand in for them. */
  ask<T>(
    order: readonly string[],
    n: number,
    one: (node: string, instead?: string) => Promise<T>,
  ): Promise<T>[] {
    const spare = order.slice(n);
    return order.slice(0, n).map(async (node) => {
      for (let at: string | undefined = node; at !== undefined; at = spare.shift()) {
        if (this.#suspects(at)) continue;
        try {
          return await one(at, at === node ? undefined : node);
        } catch {
          this.#silent.set(at, this.#clock.monotonic() + SUSPECTED_MS);
        }
      }
      throw new Unreachable(`neither ${node} nor anybody in its stead answered`);
    });
  }

  #suspects(node: string): boolean {
    return this.#clock.monotonic() < (this.#silent.get(node) ?? -Infinity);
  }
}

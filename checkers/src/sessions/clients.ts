import type { CausalBase } from '../causal/base.ts';
import { OK } from '../transactions/columns.ts';

/**
 * Who did what, and in which order. What a client never learned the outcome of may take effect later than what it did next,
 * so a client's session can be several chains; here they are one again.
 */
export class Clients {
  readonly count: number;
  readonly #base: CausalBase;
  /** For each chain the client, numbered from 0. */
  readonly #ofChain: Int32Array;

  constructor(base: CausalBase) {
    const numbers = new Map<number, number>();
    this.#base = base;
    this.#ofChain = Int32Array.from(base.txns.processes, (name) => {
      const known = numbers.get(name) ?? numbers.size;
      numbers.set(name, known);
      return known;
    });
    this.count = numbers.size;
  }

  of(t: number): number {
    return this.#ofChain[this.#base.txns.process[t] as number] as number;
  }

  /** Whether one transaction comes before another of the same client. In a session that overlaps itself, order is what time says. */
  inSession(before: number, after: number): boolean {
    const { outcome, timed, return: returned, call } = this.#base.txns;
    return (
      before < after &&
      outcome[before] === OK &&
      this.of(before) === this.of(after) &&
      !(timed && (returned[before] as number) >= (call[after] as number))
    );
  }

  /** Everything that took effect, client by client, each client's in its order. */
  oneByOne(): Int32Array {
    const { members, trunk } = this.#base;
    // Chains are listed as they begin, and most clients have one.
    if (trunk.every((at) => at < 0)) return members;
    return members.toSorted((a, b) => this.of(a) - this.of(b) || a - b);
  }
}

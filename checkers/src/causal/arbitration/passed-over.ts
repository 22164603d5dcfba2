import type { Limits } from '../../transactions/limits.ts';
import { OWN } from '../../transactions/register-reads.ts';
import type { CausalBase } from '../base.ts';
import type { Arrangement } from './arrangement.ts';
import { Knowledge } from './knowledge.ts';
import { WritersInOrder } from './writers-in-order.ts';

/**
 * The writes that readers knew of, and that an arrangement puts after what they read: the only ones that may be newer.
 *
 * ```
 *   … T1(x) … T2(x) … T3(x) … R(x from T1) …      R passed over T2 and T3, those of the two that it knew of
 * ```
 */
export class PassedOver {
  readonly #base: CausalBase;
  readonly #rank: Int32Array;
  readonly #writers: WritersInOrder;
  readonly #knowledge: Knowledge;

  constructor(base: CausalBase, { order, rank }: Arrangement, limits: Limits) {
    this.#base = base;
    this.#rank = rank;
    this.#writers = new WritersInOrder(base, rank, order, limits);
    this.#knowledge = new Knowledge(base, rank, limits);
  }

  /** Calls `see` for every such write, for each read of a transaction; the latest first. */
  look(reader: number, see: (micro: number, source: number, other: number) => void): void {
    const { txns, source } = this.#base;
    const { writer } = this.#writers;
    for (let m = txns.start[reader] as number; m < (txns.start[reader + 1] as number); m++) {
      const read = source[m] as number;
      if (read === OWN) continue;
      const { from, to } = this.#writers.between(read, m, this.#rank[reader] as number);
      if (from === to) continue;
      this.#knowledge.learn(reader, this.#rank[writer[from] as number] as number);
      for (let w = to - 1; w >= from; w--)
        if (this.#knowledge.has(writer[w] as number)) see(m, read, writer[w] as number);
    }
  }

  /** A stretch of the arrangement has a new order, in which it is given. */
  rearranged(stretch: Int32Array): void {
    this.#writers.sort(stretch);
  }

  /** How many transactions were visited to find out what readers knew. */
  get walked(): number {
    return this.#knowledge.walked;
  }
}

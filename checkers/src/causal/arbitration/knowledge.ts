import type { Limits } from '../../transactions/limits.ts';
import { predecessor } from '../base.ts';
import type { CausalBase } from '../base.ts';

/** Whom a reader knew of, within a stretch of an order that keeps causality: all ways from there lie within the stretch. */
export class Knowledge {
  /** Transactions visited so far. */
  walked = 0;
  readonly #base: CausalBase;
  readonly #rank: Int32Array;
  readonly #limits: Limits;
  readonly #known: Int32Array;
  #stamp = 0;
  readonly #queue: number[] = [];

  constructor(base: CausalBase, rank: Int32Array, limits: Limits) {
    this.#base = base;
    this.#rank = rank;
    this.#limits = limits;
    this.#known = limits.int32(base.txns.length);
  }

  /** Walks back from a reader along sessions and reads-from, down to rank `low`. */
  learn(reader: number, low: number): void {
    const { txns, source } = this.#base;
    const queue = this.#queue;
    queue.length = 0;
    this.#stamp++;
    this.#visit(reader, low);
    for (let head = 0; head < queue.length; head++) {
      const t = queue[head] as number;
      this.#visit(predecessor(this.#base, t), low);
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
        this.#visit(source[m] as number, low);
    }
    this.walked += queue.length;
    this.#limits.step(queue.length);
  }

  /** Whether the last reader asked about knew of a transaction in its stretch. */
  has(t: number): boolean {
    return this.#known[t] === this.#stamp;
  }

  #visit(t: number, low: number): void {
    if (t < 0 || (this.#rank[t] as number) < low || this.#known[t] === this.#stamp) return;
    this.#known[t] = this.#stamp;
    this.#queue.push(t);
  }
}

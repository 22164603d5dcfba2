import { predecessor, successor } from '../causal/base.ts';
import type { CausalBase } from '../causal/base.ts';
import type { Limits } from '../transactions/limits.ts';

/** Steps of looking for chains, for each transaction of the history, after which no more are looked for. */
const WALK_MAX = 50;

/**
 * Ways by which a client can have known of a write through others: somebody read it, or what its writer did later, and then
 * wrote; and so on, until the client read the last of those.
 *
 * ```
 *   x: write 1 ─ … ─ y: write 2          somebody writes, and may go on
 *                      └ y: read 2 ─ … ─ z: write 3        at least one other reads before it writes
 *                                           └ z: read 3 ─ … ─ x: read        and so the reader knows
 * ```
 */
export class Chains {
  /** Whether some were not looked for, because that would have taken too long. */
  incomplete = false;
  readonly #base: CausalBase;
  readonly #limits: Limits;
  readonly #rank: Int32Array;
  /** For each transaction that the current search has come to, from which, and in how many steps. */
  readonly #by: Int32Array;
  readonly #depth: Int32Array;
  readonly #stamp: Int32Array;
  #search = 0;
  #left: number;

  /** `rank` is each transaction's place in an order that keeps causality. */
  constructor(base: CausalBase, rank: Int32Array, limits: Limits) {
    this.#base = base;
    this.#limits = limits;
    this.#rank = rank;
    this.#by = limits.int32(base.txns.length);
    this.#depth = limits.int32(base.txns.length);
    this.#stamp = limits.int32(base.txns.length);
    this.#left = WALK_MAX * base.members.length + 10_000;
  }

  /** The transactions between a write and a read by somebody who knew of it through others; `counts` says which reads of its client do. */
  between(other: number, reader: number, counts: (micro: number) => boolean): readonly number[] | undefined {
    if (this.#left < 0) {
      this.incomplete = true;
      return undefined;
    }
    const { txns, source } = this.#base;
    let walked = this.#reach(other, reader);
    let best: { readonly from: number; readonly by: number; readonly length: number } | undefined;
    for (let t = reader; t >= 0 && (this.#rank[t] as number) > (this.#rank[other] as number); walked++) {
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
        const from = source[m] as number;
        if (from < 0 || this.#stamp[from] !== this.#search || !counts(m)) continue;
        const length = (this.#depth[from] as number) + (t === reader ? 0 : 1);
        if (!best || length < best.length) best = { from, by: t, length };
      }
      t = predecessor(this.#base, t);
    }
    this.#left -= walked;
    this.#limits.step(walked);
    if (!best) return undefined;
    const path = best.by === reader ? [reader] : [best.by, reader];
    let t = best.from;
    for (; this.#stamp[t] === this.#search; t = this.#by[t] as number) path.unshift(t);
    if (t !== other) path.unshift(t);
    return this.#withoutSteps([other, ...path]);
  }

  /** Everything that a read of it, or of what its writer did later, leads to, no later than the reader; returns how much was looked at. */
  #reach(other: number, reader: number): number {
    const { txns, trunk } = this.#base;
    const last = this.#rank[reader] as number;
    const queue: number[] = [];
    const own = [other];
    this.#search++;
    const visit = (t: number, by: number): void => {
      if ((this.#rank[t] as number) > last || this.#stamp[t] === this.#search) return;
      this.#stamp[t] = this.#search;
      this.#by[t] = by;
      this.#depth[t] = (this.#stamp[by] === this.#search ? (this.#depth[by] as number) : 0) + 1;
      queue.push(t);
    };
    for (const t of own) {
      const next = successor(this.#base, t);
      if (next >= 0 && (this.#rank[next] as number) <= last) own.push(next);
      for (const reading of this.#readers(t))
        if (this.#reads(reading, t)) visit(reading, t);
        else if (trunk[txns.process[reading] as number] === t) own.push(reading);
    }
    for (const t of queue) {
      const next = successor(this.#base, t);
      if (next >= 0) visit(next, t);
      for (const reading of this.#readers(t)) visit(reading, t);
    }
    return own.length + queue.length;
  }

  #readers(t: number): Int32Array {
    const { readers, readersStart } = this.#base;
    return readers.subarray(readersStart[t], readersStart[t + 1]);
  }

  /** Whoever has neither read of the one before nor been read by the next says nothing; the ends, which are known, are left out too. */
  #withoutSteps(path: readonly number[]): number[] {
    return path.filter(
      (t, i) =>
        i > 0 &&
        i < path.length - 1 &&
        (this.#reads(t, path[i - 1] as number) || this.#reads(path[i + 1] as number, t)),
    );
  }

  #reads(t: number, from: number): boolean {
    const { txns, source } = this.#base;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
      if (source[m] === from) return true;
    return false;
  }
}

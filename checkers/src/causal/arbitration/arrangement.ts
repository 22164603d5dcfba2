import type { Limits } from '../../transactions/limits.ts';
import { successor } from '../base.ts';
import type { CausalBase } from '../base.ts';
import { likelySequence } from '../../transactions/likely-sequence.ts';

/**
 * Transactions in an order that keeps sessions, reads-from and whatever else is required, as near as that allows to the
 * sequence it began with. Stretches of it can be put in order again when more is required.
 */
export class Arrangement {
  /** Complete unless sessions and reads-from alone go in a circle. */
  readonly order: Int32Array;
  /** Each transaction's place in it. */
  readonly rank: Int32Array;
  readonly #base: CausalBase;
  readonly #limits: Limits;
  /** How many that must come before a transaction have not been placed; only inside the stretch that is being put in order. */
  readonly #missing: Int32Array;
  readonly #passed: Uint8Array;
  readonly #ready: number[] = [];
  /** What else is required, as lists of edges. */
  readonly #first: Int32Array;
  readonly #next: number[] = [];
  readonly #to: number[] = [];

  constructor(base: CausalBase, limits: Limits) {
    const n = base.txns.length;
    this.#base = base;
    this.#limits = limits;
    this.rank = limits.int32(n);
    this.#missing = limits.int32(n);
    this.#passed = limits.uint8(n);
    this.#first = limits.int32(n).fill(-1);
    const happened = limits.uint8(n);
    for (let i = 0; i < base.members.length; i++) happened[base.members[i] as number] = 1;
    const sequence = likelySequence(base.txns, happened, limits);
    for (let i = 0; i < sequence.length; i++) this.rank[sequence[i] as number] = i;
    this.order = limits.int32(sequence.length);
    this.order = this.order.subarray(0, this.#emit(sequence, 0, sequence.length - 1));
  }

  /** From now on one has to come before the other; holds once {@link rearrange} has seen both. */
  require(before: number, after: number): void {
    this.#next.push(this.#first[before] as number);
    this.#to.push(after);
    this.#first[before] = this.#to.length - 1;
  }

  /** Puts a stretch in order again; `false` when what is required goes in a circle. */
  rearrange(from: number, to: number): boolean {
    return this.#emit(this.order.slice(from, to + 1), from, to) === to - from + 1;
  }

  /** Places a sequence at `from`, each when its turn comes or, when others must come before, right after the last of those. */
  #emit(sequence: Int32Array, from: number, to: number): number {
    for (let i = 0; i < sequence.length; i++) {
      this.#passed[sequence[i] as number] = 0;
      this.#forEachAfter(sequence[i] as number, from, to, (t) => this.#missing[t]!++);
    }
    let placed = from;
    for (let i = 0; i < sequence.length; i++) {
      const turn = sequence[i] as number;
      this.#passed[turn] = 1;
      if (this.#missing[turn] !== 0) continue;
      this.#ready.push(turn);
      while (this.#ready.length > 0) {
        const t = this.#ready.pop() as number;
        this.order[placed++] = t;
        this.#forEachAfter(t, from, to, (after) => {
          if (--this.#missing[after]! === 0 && this.#passed[after] === 1) this.#ready.push(after);
        });
      }
    }
    for (let i = from; i < placed; i++) this.rank[this.order[i] as number] = i;
    return placed - from;
  }

  /** Those of a stretch that must come after a transaction, once for each reason. Ranks are those of before. */
  #forEachAfter(t: number, from: number, to: number, visit: (after: number) => void): void {
    const { readers, readersStart } = this.#base;
    const { rank } = this;
    this.#limits.step(2);
    const next = successor(this.#base, t);
    if (next >= 0 && (rank[next] as number) >= from && (rank[next] as number) <= to) visit(next);
    for (let r = readersStart[t] as number; r < (readersStart[t + 1] as number); r++) {
      const reader = readers[r] as number;
      if ((rank[reader] as number) >= from && (rank[reader] as number) <= to) visit(reader);
    }
    for (let e = this.#first[t] as number; e !== -1; e = this.#next[e] as number) {
      const after = this.#to[e] as number;
      if ((rank[after] as number) >= from && (rank[after] as number) <= to) visit(after);
    }
  }
}

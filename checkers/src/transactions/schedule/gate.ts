import { OPEN } from '../columns.ts';
import type { Transactions } from '../columns.ts';
import { inOrder } from '../in-order.ts';
import type { Limits } from '../limits.ts';

/**
 * Lets transactions in as real time does: one may go when everyone who returned before it was called has gone. Those
 * let in are a beginning of all in the order of their calls, so two numbers say it all:
 *
 * ```
 *   by call     a b c d e f g │ h i …        `inside` of them are let in
 *   by return   b a c ╎ e d …                `floor` of them have gone, and the next has not: it holds back all called later
 * ```
 *
 * Without real time everybody is inside from the beginning.
 */
export class Gate {
  readonly #txns: Transactions;
  readonly #byCall: Int32Array;
  readonly #byReturn: Int32Array;
  readonly #callRank: Int32Array;
  readonly #returnRank: Int32Array;
  readonly #gone: Uint8Array;
  #inside = 0;
  #floor = 0;

  constructor(txns: Transactions, happened: Uint8Array, gone: Uint8Array, realTime: boolean, limits: Limits) {
    this.#txns = txns;
    this.#gone = gone;
    this.#byCall = realTime ? inOrder(txns.call, happened, limits) : new Int32Array(0);
    this.#byReturn = realTime ? inOrder(txns.return, happened, limits) : new Int32Array(0);
    this.#callRank = ranks(this.#byCall, txns.length, limits);
    this.#returnRank = ranks(this.#byReturn, txns.length, limits);
  }

  isInside(t: number): boolean {
    return (this.#callRank[t] as number) < this.#inside || this.#byCall.length === 0;
  }

  /** The one that holds back whoever is not inside. */
  get holdsBack(): number {
    return this.#byReturn[this.#floor] as number;
  }

  /** Lets in whoever may now come in, and says who that is. */
  advance(enter: (t: number) => void): void {
    const { call, return: returned } = this.#txns;
    while (this.#floor < this.#byReturn.length && this.#gone[this.#byReturn[this.#floor] as number] === 1)
      this.#floor++;
    const limit = this.#floor < this.#byReturn.length ? (returned[this.holdsBack] as number) : OPEN;
    while (
      this.#inside < this.#byCall.length &&
      (call[this.#byCall[this.#inside] as number] as number) < limit
    )
      enter(this.#byCall[this.#inside++] as number);
  }

  /** Takes back that `t` has gone; `settle` afterwards, once for all that were taken back. */
  retreat(t: number): void {
    if (this.#byCall.length === 0 || this.#txns.return[t] === OPEN) return;
    const rank = this.#returnRank[t] as number;
    if (rank < this.#floor) this.#floor = rank;
  }

  settle(): void {
    if (this.#floor >= this.#byReturn.length) return;
    const limit = this.#txns.return[this.holdsBack] as number;
    while (this.#inside > 0 && (this.#txns.call[this.#byCall[this.#inside - 1] as number] as number) >= limit)
      this.#inside--;
  }
}

function ranks(sorted: Int32Array, transactions: number, limits: Limits): Int32Array {
  const rank = limits.int32(sorted.length === 0 ? 0 : transactions);
  for (let i = 0; i < sorted.length; i++) rank[sorted[i] as number] = i;
  return rank;
}

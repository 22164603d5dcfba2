import { WRITE } from '../../transactions/columns.ts';
import type { Transactions } from '../../transactions/columns.ts';
import type { Limits } from '../../transactions/limits.ts';
import { NOBODY } from '../../transactions/register-reads.ts';
import type { CausalBase } from '../base.ts';

/** For each key the transactions that wrote it, in the order in which transactions are arranged. */
export class WritersInOrder {
  /** Writers of key `k` are `writer[start[k]] … writer[start[k + 1] − 1]`. */
  readonly writer: Int32Array;
  readonly #start: Int32Array;
  readonly #txns: Transactions;
  readonly #rank: Int32Array;
  /** Where the writer of a version stands. */
  readonly #slot: Int32Array;
  /** For each key the next slot to fill while a stretch is sorted. */
  readonly #low: Int32Array;
  readonly #seen: Int32Array;
  #stamp = 0;

  constructor({ txns }: CausalBase, rank: Int32Array, order: Int32Array, limits: Limits) {
    const keys = txns.keys.length;
    this.#txns = txns;
    this.#rank = rank;
    this.#start = limits.int32(keys + 1);
    this.#slot = limits.int32(txns.versions);
    this.#low = limits.int32(keys);
    this.#seen = limits.int32(keys);
    for (let i = 0; i < order.length; i++) {
      limits.step(2);
      this.#forEachWrite(order[i] as number, (key, _, final) => {
        if (final) this.#start[key + 1]!++;
      });
    }
    for (let k = 0; k < keys; k++) this.#start[k + 1]! += this.#start[k] as number;
    this.writer = limits.int32(this.#start[keys] as number);
    this.#low.set(this.#start.subarray(0, keys));
    this.#fill(order);
  }

  /** Writers of the key of a read after the one that it read from (or after the beginning) and before its reader. */
  between(source: number, micro: number, readerRank: number): { readonly from: number; readonly to: number } {
    const k = this.#txns.key[micro] as number;
    const from =
      source === NOBODY
        ? (this.#start[k] as number)
        : (this.#slot[this.#txns.value[micro] as number] as number) + 1;
    const end = this.#start[k + 1] as number;
    let to = from;
    while (to < end && (this.#rank[this.writer[to] as number] as number) < readerRank) to++;
    return { from, to };
  }

  /** A stretch of the arrangement has a new order, in which it is given. */
  sort(stretch: Int32Array): void {
    const stamp = ++this.#stamp;
    for (let i = 0; i < stretch.length; i++)
      this.#forEachWrite(stretch[i] as number, (key, version) => {
        const slot = this.#slot[version] as number;
        if (this.#seen[key] !== stamp || slot < (this.#low[key] as number)) this.#low[key] = slot;
        this.#seen[key] = stamp;
      });
    this.#fill(stretch);
  }

  #fill(sequence: Int32Array): void {
    for (let i = 0; i < sequence.length; i++) {
      const t = sequence[i] as number;
      this.#forEachWrite(t, (key, version, final) => {
        if (final) this.writer[this.#low[key]!++] = t;
        this.#slot[version] = (this.#low[key] as number) - 1;
      });
    }
  }

  /** What a transaction writes, last first; `final` is what it leaves in a key. */
  #forEachWrite(t: number, visit: (key: number, version: number, final: boolean) => void): void {
    const { start, kind, key, value } = this.#txns;
    const end = start[t + 1] as number;
    for (let m = end - 1; m >= (start[t] as number); m--) {
      if (kind[m] !== WRITE) continue;
      let final = true;
      for (let i = m + 1; i < end && final; i++) final = kind[i] !== WRITE || key[i] !== key[m];
      visit(key[m] as number, value[m] as number, final);
    }
  }
}

import { WRITE } from '../columns.ts';
import type { Transactions } from '../columns.ts';
import type { Limits } from '../limits.ts';
import type { RegisterVersions } from '../register-versions.ts';
import type { Writers } from '../writers.ts';
import { zonesOf } from '../zones.ts';
import type { Zones } from '../zones.ts';

/**
 * Which chains of versions real time puts first: one that somebody had finished with before the last on another was
 * called (see {@link zonesOf}). Each key's chains are kept by when they end, with a hand on the first not begun.
 */
export class FirstChains {
  readonly #txns: Transactions;
  readonly #versions: RegisterVersions;
  readonly #writers: Writers;
  readonly #begun: Uint8Array;
  readonly #zones: Zones;
  readonly #byEnd: Int32Array;
  readonly #rank: Int32Array;
  readonly #hand: Int32Array;

  constructor(
    txns: Transactions,
    writers: Writers,
    versions: RegisterVersions,
    begun: Uint8Array,
    limits: Limits,
  ) {
    this.#txns = txns;
    this.#versions = versions;
    this.#writers = writers;
    this.#begun = begun;
    this.#zones = zonesOf(txns, writers, versions, limits);
    const { keyStart, chain } = versions;
    limits.hold(chain.length * 4);
    this.#byEnd = chain.slice();
    this.#hand = limits.int32(txns.keys.length);
    const { ends } = this.#zones;
    for (let k = 0; k < txns.keys.length; k++) {
      const from = keyStart[k] as number;
      const to = keyStart[k + 1] as number;
      this.#hand[k] = from;
      if (to - from > 1)
        this.#byEnd.subarray(from, to).sort((a, b) => (ends[a] as number) - (ends[b] as number));
      limits.step(to - from);
    }
    this.#rank = limits.int32(versions.chains);
    for (let i = 0; i < this.#byEnd.length; i++) this.#rank[this.#byEnd[i] as number] = i;
  }

  /** The first transaction of a chain that has to begin before one that `t` would begin, and who shows it. */
  before(t: number): { readonly begins: number; readonly witnesses: readonly number[] } | undefined {
    const { start, kind, key, value } = this.#txns;
    const { chainOf, head } = this.#versions;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      const v = value[m] as number;
      const mine = chainOf[v] as number;
      if (mine < 0 || head[mine] !== v) continue;
      const chain = this.#firstBut(mine, key[m] as number);
      const begins = chain < 0 ? t : this.#writerOf(chain);
      if (begins === t) continue;
      // One who had returned from the first chain, and one who was called later on the second.
      return {
        begins,
        witnesses: [this.#zones.endedBy[chain] as number, this.#zones.begunBy[mine] as number],
      };
    }
    return undefined;
  }

  #writerOf(chain: number): number {
    return this.#writers.of[this.#versions.head[chain] as number] as number;
  }

  /** The transaction was taken back, so that what it began is to begin again. */
  takeBack(t: number): void {
    const { start, kind, key, value } = this.#txns;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== WRITE) continue;
      const chain = this.#versions.chainOf[value[m] as number] as number;
      if (chain < 0) continue;
      const k = key[m] as number;
      this.#hand[k] = Math.min(this.#hand[k] as number, this.#rank[chain] as number);
    }
  }

  #firstBut(mine: number, k: number): number {
    const end = this.#versions.keyStart[k + 1] as number;
    let at = this.#unbegun(this.#hand[k] as number, end);
    this.#hand[k] = at;
    if (at < end && this.#byEnd[at] === mine) at = this.#unbegun(at + 1, end);
    if (at >= end) return -1;
    const first = this.#byEnd[at] as number;
    return (this.#zones.ends[first] as number) < (this.#zones.begins[mine] as number) ? first : -1;
  }

  #unbegun(from: number, end: number): number {
    let at = from;
    while (at < end && this.#begun[this.#writerOf(this.#byEnd[at] as number)] === 1) at++;
    return at;
  }
}

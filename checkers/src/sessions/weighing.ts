import { predecessor } from '../causal/base.ts';
import type { CausalBase } from '../causal/base.ts';
import type { Chains } from './chains.ts';
import type { Clients } from './clients.ts';
import type { NewerWrites } from './newer-writes.ts';
import { StaleReads } from './stale-read.ts';
import type { Classical } from './stale-read.ts';
import { tellChain, tellOwn } from './tell.ts';

/** What to make of reads that passed over writes that happen before them. */
export class Weighing {
  readonly found: StaleReads = new StaleReads();
  readonly #base: CausalBase;
  readonly #clients: Clients;
  readonly #newer: NewerWrites;
  readonly #chains: Chains;
  readonly #happensBefore: (a: number, b: number) => boolean;
  /** The read that was weighed last, and for the writes of whom it has been found stale already. */
  #micro = -1;
  readonly #writers = new Set<number>();
  #inferences = 0;

  constructor(
    base: CausalBase,
    clients: Clients,
    newer: NewerWrites,
    chains: Chains,
    happensBefore: (a: number, b: number) => boolean,
  ) {
    this.#base = base;
    this.#clients = clients;
    this.#newer = newer;
    this.#chains = chains;
    this.#happensBefore = happensBefore;
  }

  /** Why what was not found may be there all the same. */
  get because(): string | undefined {
    if (this.#inferences > CLASSIFIED_MAX)
      return `${this.#inferences} reads may be too old, as far as causality and time tell, more than were looked at one by one`;
    return undefined;
  }

  weigh(reader: number, micro: number, other: number): void {
    if (micro !== this.#micro) this.#writers.clear();
    this.#micro = micro;
    const writer = this.#clients.of(other);
    if (this.#writers.has(writer)) return;
    const age = this.#age(this.#base.source[micro] as number, other);
    if (age === undefined) return;
    this.#writers.add(writer);
    if (age === 'certain') this.#throughOthers(reader, micro, other);
    else this.#inferred(reader, micro, other);
  }

  /** Why one version is older than another: nothing is older than the initial one; one client writes in order; else causality, or time. */
  #age(from: number, other: number): 'certain' | 'inferred' | undefined {
    const { txns } = this.#base;
    if (from < 0 || this.#clients.inSession(from, other)) return 'certain';
    if (txns.timed && (txns.return[from] as number) < (txns.call[other] as number)) return 'inferred';
    return this.#happensBefore(from, other) ? 'inferred' : undefined;
  }

  /** Whoever knows of a write through others knows of whatever its writer wrote before, so the first that is newer decides. */
  #throughOthers(reader: number, micro: number, passed: number): void {
    if (this.found.count('writes follow reads', true) >= ENOUGH) return;
    const { key, value } = this.#base.txns;
    const from = this.#base.source[micro] as number;
    const { next, first, firstStart } = this.#newer;
    const k = key[micro] as number;
    const own = (t: number): boolean => this.#clients.of(t) === this.#clients.of(passed);
    const other =
      from < 0
        ? (first.subarray(firstStart[k], firstStart[k + 1]).find(own) as number)
        : (next[value[micro] as number] as number);
    // A newer version that it had read from the same key is another matter.
    const counts = (m: number): boolean =>
      key[m] !== k || this.#age(from, this.#base.source[m] as number) !== 'certain';
    for (const each of new Set([other, passed])) {
      const chain = this.#chains.between(each, reader, counts);
      if (!chain) continue;
      this.found.add('writes follow reads', true, () =>
        tellChain(this.#base, { reader, micro, other: each }, chain, true),
      );
      return;
    }
  }

  #inferred(reader: number, micro: number, other: number): void {
    if (++this.#inferences > CLASSIFIED_MAX) return;
    const { guarantee, through } = this.#knew(reader, micro, other);
    const passed = { reader, micro, other, through };
    if (guarantee === 'writes follow reads') {
      const chain = this.#chains.between(other, reader, () => true) ?? [];
      this.found.add(guarantee, false, () => tellChain(this.#base, passed, chain, false));
    } else
      this.found.add(guarantee, false, () => tellOwn(this.#base, this.#clients, guarantee, passed, false));
  }

  /** How the reader's client knew of a write. Looked up only for reads that are too old, so a walk back through its session will do. */
  #knew(
    reader: number,
    micro: number,
    other: number,
  ): { readonly guarantee: Classical; readonly through: number } {
    const { txns, source } = this.#base;
    if (this.#clients.inSession(other, reader)) return { guarantee: 'read your writes', through: other };
    let elsewhere = -1;
    for (let t = reader; t >= 0; t = predecessor(this.#base, t))
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
        const from = source[m] as number;
        if (from < 0 || !(from === other || this.#clients.inSession(other, from))) continue;
        if (txns.key[m] !== txns.key[micro]) elsewhere = from;
        else if (t !== reader) return { guarantee: 'monotonic reads', through: from };
      }
    return elsewhere >= 0
      ? { guarantee: 'monotonic writes', through: elsewhere }
      : { guarantee: 'writes follow reads', through: -1 };
  }
}

/** Of how many that are only inferred it is found out which guarantee they speak against. */
const CLASSIFIED_MAX = 1000;
/** So many are told; whether there are more changes nothing. */
const ENOUGH = 8;

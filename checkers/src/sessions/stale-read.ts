/** The four guarantees that a stale read can break. */
export type Classical = 'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads';

/** A read that returned something older than its client should have known. */
export interface StaleRead {
  readonly guarantee: Classical;
  /** Whether what it returned is older beyond doubt. */
  readonly certain: boolean;
  readonly key: number;
  readonly transactions: readonly number[];
  readonly explanation: string;
}

/** So many of each kind are told; more are of use to nobody. */
const KEPT_MAX = 8;

/** Stale reads, a few of each kind, and counts of them all. */
export class StaleReads {
  readonly #kept = new Map<string, StaleRead[]>();
  readonly #counts = new Map<string, number>();

  add(guarantee: Classical, certain: boolean, tell: () => Omit<StaleRead, 'guarantee' | 'certain'>): void {
    const kind = `${guarantee} ${certain}`;
    this.#counts.set(kind, this.count(guarantee, certain) + 1);
    const kept = this.#kept.get(kind) ?? [];
    this.#kept.set(kind, kept);
    if (kept.length < KEPT_MAX) kept.push({ guarantee, certain, ...tell() });
  }

  count(guarantee: Classical, certain: boolean): number {
    return this.#counts.get(`${guarantee} ${certain}`) ?? 0;
  }

  of(guarantee: Classical, certain: boolean): readonly StaleRead[] {
    return this.#kept.get(`${guarantee} ${certain}`) ?? [];
  }
}

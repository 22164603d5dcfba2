import type { Disk, Key } from '../kit/kit.ts';
import { Store, type State as StoreState } from '../two-phase-commit/store.ts';
import type { Decision, Transaction } from '../two-phase-commit/messages.ts';

/**
 * ```
 *   unknown ──yes──▶ waiting ──preCommit──▶ precommitted ──doCommit──▶ commit
 *      └──────no──────▶ abort ◀──abort── ┘
 * ```
 *
 * Between `waiting`, where nobody may have committed, and `commit` there is always a state that everybody is in before
 * anybody commits. That is what makes it non-blocking (Skeen 1981).
 */
export type State = 'unknown' | 'waiting' | 'precommitted' | Decision;

/** Where a node stands about a transaction. */
export interface Standing {
  readonly state: State;
  /** It was down since it voted: what it knows is of old, and others may have gone on without it. */
  readonly recovering: boolean;
}

/** What one node knows of all transactions, on its disk: two-phase commit's store, and which were precommitted. */
export class Ledger {
  readonly #disk: Disk;
  readonly #store: Store;
  readonly #precommitted = new Set<Key>();
  readonly #recovering = new Set<Key>();

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#store = new Store(disk);
  }

  /** Returns the transactions that are not decided here. */
  recover(): readonly Key[] {
    for (const id of this.#disk.list<Key>('precommitted').items) this.#precommitted.add(id);
    const open = this.#store.recover();
    for (const id of open) this.#recovering.add(id);
    return open;
  }

  standing(id: Key): Standing {
    return { state: this.state(id), recovering: this.#recovering.has(id) };
  }

  state(id: Key): State {
    const state: StoreState = this.#store.state(id);
    if (state !== 'prepared') return state;
    return this.#precommitted.has(id) ? 'precommitted' : 'waiting';
  }

  decision(id: Key): Decision | undefined {
    const state = this.state(id);
    return state === 'commit' || state === 'abort' ? state : undefined;
  }

  read(id: Key): number | null {
    return this.#store.read(id);
  }

  vote(transaction: Transaction): void {
    this.#store.prepare(transaction);
  }

  precommit(id: Key): void {
    if (this.state(id) !== 'waiting') return;
    this.#disk.list<Key>('precommitted').push(id);
    this.#precommitted.add(id);
  }

  decide(id: Key, decision: Decision): void {
    if (this.decision(id) !== undefined) return;
    this.#store.decide(id, decision);
    this.#recovering.delete(id);
  }
}

import type { Host, Key } from '../kit/kit.ts';
import type { Vote } from '../two-phase-commit/messages.ts';
import type { Bug } from './bugs.ts';
import type { Ledger, Standing } from './ledger.ts';
import type { Asked, CommitMessages } from './messages.ts';

/** Whoever has waited so long takes the coordinator for dead. Longer than the coordinator waits for those that are dead. */
const PATIENCE_MS = 1_500;
const AGAIN_MS = 300;
const LEAD_MS = 500;

/** What this node does beside, about a transaction. */
export interface Duties {
  /** Whether it coordinates it now. */
  coordinates(id: Key): boolean;
  /** See to it that it ends. */
  lead(id: Key): Promise<void>;
}

/** One node's part in everybody's transactions: it votes, follows the coordinator, and does without it once it is dead. */
export class Participant {
  readonly #host: Host<CommitMessages>;
  readonly #ledger: Ledger;
  readonly #duties: Duties;
  readonly #bug: Bug | undefined;
  /** Who coordinates what is not decided here. */
  readonly #coordinators = new Map<Key, string>();

  constructor(host: Host<CommitMessages>, ledger: Ledger, duties: Duties, bug: Bug | undefined) {
    this.#host = host;
    this.#ledger = ledger;
    this.#duties = duties;
    this.#bug = bug;
  }

  recover(): void {
    for (const id of this.#ledger.recover())
      void (this.#bug === 'recovers-alone' ? this.#decideAlone(id) : this.#finish(id));
  }

  async vote(asked: Asked): Promise<Vote> {
    const { id } = asked;
    if (this.#ledger.state(id) !== 'unknown') return this.#ledger.state(id) === 'abort' ? 'no' : 'yes';
    if (this.#refuses(asked)) this.#ledger.decide(id, 'abort');
    else {
      this.#ledger.vote(asked);
      this.#coordinators.set(id, asked.coordinator);
      this.#host.clock.after(PATIENCE_MS, () => void this.#finish(id));
    }
    await this.#host.disk.sync();
    return this.#ledger.state(id) === 'abort' ? 'no' : 'yes';
  }

  async precommit(id: Key): Promise<void> {
    this.#ledger.precommit(id);
    await this.#host.disk.sync();
  }

  async decide({ id, decision }: CommitMessages['decide']['in']): Promise<void> {
    this.#ledger.decide(id, decision);
    this.#coordinators.delete(id);
    await this.#host.disk.sync();
  }

  /** Whoever never voted never will: it aborts. */
  async state(id: Key): Promise<Standing> {
    if (this.#ledger.state(id) === 'unknown') this.#ledger.decide(id, 'abort');
    await this.#host.disk.sync();
    return this.#ledger.standing(id);
  }

  async lead(id: Key): Promise<CommitMessages['lead']['out']> {
    const { state, recovering } = await this.state(id);
    if (state === 'commit' || state === 'abort') return state;
    if (this.#duties.coordinates(id)) return 'at it';
    if (recovering) return 'recovering';
    void this.#duties.lead(id);
    return 'at it';
  }

  /** Until it is decided: have the coordinator see to it, or else the first by name that lives and was never down. */
  async #finish(id: Key): Promise<void> {
    const { clock, peers, id: self } = this.#host;
    const coordinator = this.#coordinators.get(id);
    for (; this.#ledger.decision(id) === undefined; await clock.sleep(AGAIN_MS)) {
      if (this.#bug === 'timeouts-alone') return this.#decideAlone(id);
      for (const node of [
        ...(coordinator === undefined ? [] : [coordinator]),
        ...[self, ...peers].toSorted(),
      ]) {
        if (node === self) {
          if (!this.#duties.coordinates(id)) await this.#duties.lead(id);
          break;
        }
        const answer = await this.#host.call(node, 'lead', id, LEAD_MS).catch(() => 'dead' as const);
        if (answer === 'commit' || answer === 'abort') await this.decide({ id, decision: answer });
        if (answer !== 'dead' && answer !== 'recovering') break;
      }
    }
  }

  /** What no participant may do. */
  #decideAlone(id: Key): Promise<void> {
    return this.decide({ id, decision: this.#ledger.state(id) === 'precommitted' ? 'commit' : 'abort' });
  }

  #refuses({ no }: Asked): boolean {
    const all = [this.#host.id, ...this.#host.peers].toSorted();
    return no !== null && all[(no - 1) % all.length] === this.#host.id;
  }
}

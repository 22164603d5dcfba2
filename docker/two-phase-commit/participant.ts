import type { Host, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { CommitMessages, Decision, Transaction, Vote } from './messages.ts';
import type { Store } from './store.ts';

/** Longer than the coordinator waits for votes: usually it has decided by then. */
const DOUBT_MS = 600;
const AGAIN_MS = 200;

/** How a participant asks some node what was decided. */
export type Inquire = (node: string, id: Key) => Promise<Decision | 'uncertain'>;

/** One node's part in everybody's transactions: it votes, waits in doubt, and does what was decided. */
export class Participant {
  readonly #host: Host<CommitMessages>;
  readonly #store: Store;
  readonly #bug: Bug | undefined;
  readonly #inquire: Inquire;

  constructor(host: Host<CommitMessages>, store: Store, bug: Bug | undefined, inquire: Inquire) {
    this.#host = host;
    this.#store = store;
    this.#bug = bug;
    this.#inquire = inquire;
  }

  recover(): void {
    for (const id of this.#store.recover()) void this.#resolve(id);
  }

  /** Whoever has voted yes has given away the right to abort. Whoever votes no has decided. */
  async vote(transaction: Transaction): Promise<Vote> {
    const { id } = transaction;
    const before = this.#store.state(id);
    if (before !== 'unknown') return before === 'abort' ? 'no' : 'yes';
    if (this.#refuses(transaction)) {
      this.#store.decide(id, 'abort');
      return 'no';
    }
    this.#store.prepare(transaction);
    void this.#resolve(id, DOUBT_MS);
    if (this.#bug !== 'vote-before-sync') await this.#host.disk.sync();
    // It may have been decided meanwhile, and an abort without this vote is the only decision there can be.
    return this.#store.state(id) === 'abort' ? 'no' : 'yes';
  }

  async decide(id: Key, decision: Decision): Promise<void> {
    const state = this.#store.state(id);
    if (state === 'unknown' || state === 'prepared') this.#store.decide(id, decision);
    await this.#host.disk.sync();
  }

  /** Another participant is in doubt. Whoever has not voted yet can help it, by never voting yes. */
  async inquired(id: Key): Promise<Decision | 'uncertain'> {
    const state = this.#store.state(id);
    if (state === 'prepared') return 'uncertain';
    if (state === 'unknown') this.#store.decide(id, 'abort');
    await this.#host.disk.sync();
    return state === 'commit' ? 'commit' : 'abort';
  }

  /**
   * The cooperative termination protocol (Bernstein, Hadzilacos & Goodman 1987): ask everybody, again and again, until anybody knows. While all who
   * can be reached are in doubt themselves, there is nothing to do but to wait: that is the blocking of two-phase commit.
   */
  async #resolve(id: Key, patienceMs = 0): Promise<void> {
    const { clock, peers, id: self } = this.#host;
    await clock.sleep(patienceMs);
    for (let waited = 0; this.#store.state(id) === 'prepared'; waited += AGAIN_MS) {
      if (this.#bug === 'impatient-participant' && waited > 2 * AGAIN_MS) return this.decide(id, 'abort');
      const answers = await Promise.all(
        [self, ...peers].map((node) => this.#inquire(node, id).catch(() => 'uncertain' as const)),
      );
      const decision = answers.find((answer) => answer !== 'uncertain');
      if (decision !== undefined) return this.decide(id, decision);
      await clock.sleep(AGAIN_MS);
    }
  }

  #refuses({ no }: Transaction): boolean {
    const all = [this.#host.id, ...this.#host.peers].toSorted();
    return no !== null && all[(no - 1) % all.length] === this.#host.id;
  }
}

import type { Host, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { CommitMessages, Decision, Transaction, Vote } from './messages.ts';

const AGAIN_MS = 200;

type Record = { readonly kind: 'commit' | 'end'; readonly id: Key };

/** How the coordinator speaks to a participant, its own node among them. */
export interface Participants {
  readonly all: readonly string[];
  vote(node: string, transaction: Transaction): Promise<Vote>;
  decide(node: string, id: Key, decision: Decision): Promise<void>;
}

/**
 * Collects the votes, decides, and tells everybody. Abort is presumed (Mohan, Lindsay & Obermarck 1986): of an abort nothing
 * is kept, and whoever is asked about a transaction of which nothing is kept answers abort. Of a commit there is a record
 * on the disk before anybody hears of it, and it is forgotten only when nobody can ask any more.
 */
export class Coordinator {
  readonly #host: Host<CommitMessages>;
  readonly #participants: Participants;
  readonly #bug: Bug | undefined;
  /** Not decided yet, as far as anyone may be told. */
  readonly #voting = new Set<Key>();
  /** Committed, and somebody may not have heard. */
  readonly #commits = new Set<Key>();

  constructor(host: Host<CommitMessages>, participants: Participants, bug: Bug | undefined) {
    this.#host = host;
    this.#participants = participants;
    this.#bug = bug;
  }

  /** What was committed before the crash is told again; everything else was aborted by it. */
  recover(): void {
    for (const { kind, id } of this.#host.disk.list<Record>('decisions').items) {
      if (kind === 'commit') this.#commits.add(id);
      else this.#commits.delete(id);
    }
    for (const id of this.#commits) void this.#spread(id, 'commit');
  }

  async run(transaction: Transaction): Promise<Decision> {
    const { id } = transaction;
    this.#voting.add(id);
    const votes = await Promise.all(
      this.#participants.all.map((node) =>
        this.#participants.vote(node, transaction).catch(() => 'none' as const),
      ),
    );
    const decision = this.#unanimous(votes) ? 'commit' : 'abort';
    if (decision === 'commit') {
      this.#host.disk.list<Record>('decisions').push({ kind: 'commit', id });
      this.#commits.add(id);
      if (this.#bug !== 'commit-before-sync') await this.#host.disk.sync();
    }
    this.#voting.delete(id);
    void this.#spread(id, decision);
    return decision;
  }

  /** What it answers to a participant that is in doubt. */
  inquired(id: Key): Decision | 'uncertain' {
    if (this.#voting.has(id)) return 'uncertain';
    return this.#commits.has(id) ? 'commit' : 'abort';
  }

  #unanimous(votes: readonly (Vote | 'none')[]): boolean {
    const yes = votes.filter((vote) => vote === 'yes').length;
    if (this.#bug === 'majority-commits') return yes > votes.length / 2;
    if (this.#bug === 'silence-is-consent') return !votes.includes('no');
    return yes === votes.length;
  }

  /** Tell everybody. A commit is told until all have acknowledged it; an abort once, since whoever misses it will ask. */
  async #spread(id: Key, decision: Decision): Promise<void> {
    const told = this.#participants.all.map(async (node) => {
      for (;;) {
        try {
          return await this.#participants.decide(node, id, decision);
        } catch {
          if (decision === 'abort') return;
          await this.#host.clock.sleep(AGAIN_MS);
        }
      }
    });
    await (this.#bug === 'forgets-early' ? Promise.race(told) : Promise.all(told));
    if (decision === 'commit') this.#forget(id);
  }

  #forget(id: Key): void {
    this.#host.disk.list<Record>('decisions').push({ kind: 'end', id });
    this.#commits.delete(id);
  }
}

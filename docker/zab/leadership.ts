import { NotApplied, type Host } from '../kit/kit.ts';
import type { Objects } from '../kit/objects.ts';
import type { Bug } from './bugs.ts';
import type { Epochs } from './epochs.ts';
import { syncFor, type History } from './history.ts';
import {
  after,
  fresher,
  same,
  voteOf,
  type AckEpoch,
  type Request,
  type Seen,
  type Session,
  type ZabMessages,
  type Zxid,
} from './messages.ts';
import { changeOf } from './primary.ts';
import type { Replica } from './replica.ts';

const BEAT_MS = 50;
const ANSWER_MS = 300;
/** Whoever finds no quorum for so long never will. */
const CANDIDATURE_MS = 400;
/** A leader that hears no quorum for so long is none any more. Others may lead before, and nothing depends on it. */
const QUORUM_MS = 1_000;

/** What a leader needs of the node that it is a part of. */
export interface Led {
  readonly host: Host<ZabMessages>;
  readonly history: History;
  readonly epochs: Epochs;
  readonly replica: Replica;
  readonly bug: Bug | undefined;
  readonly see: (seen: Seen) => void;
  /** A quorum has begun the epoch. */
  established(epoch: number): void;
  /** It has no quorum. */
  abdicate(): void;
}

interface Follower {
  readonly id: string;
  /** Of the session. */
  readonly number: number;
  readonly acceptedEpoch: number;
  /** Since when it is sent whatever is proposed. */
  phase: 'discovery' | 'synchronisation' | 'broadcast';
  /** Up to here, it has the history on its disk; undefined while it has not begun the epoch. */
  acked: Zxid | undefined;
}

/**
 * One node’s leadership, from its candidature to its end: it finds an epoch that nobody has taken part in, takes over the
 * freshest history of a quorum, brings everybody to have it, and then proposes changes.
 */
export class Leadership {
  readonly #led: Led;
  readonly #majority: number;
  readonly #followers = new Map<string, Follower>();
  readonly #promises: AckEpoch[] = [];
  /** When each of the others last answered, whether it has been dropped since or not. */
  readonly #heard = new Map<string, number>();
  readonly #began: number;
  readonly #discovered = Promise.withResolvers<void>();
  readonly #chosen = Promise.withResolvers<void>();
  readonly #established = Promise.withResolvers<void>();
  #epoch: number | undefined;
  #sessions = 0;
  #counter = 0;
  #own: Zxid | undefined;
  /** The state with everything that was proposed, committed or not: what changes are worked out on. From when it may propose. */
  #ahead: Objects | undefined;
  #over = false;

  constructor(led: Led) {
    const { host } = led;
    this.#led = led;
    this.#majority = Math.floor((host.peers.length + 1) / 2) + 1;
    this.#began = host.clock.monotonic();
    host.clock.after(BEAT_MS, () => this.#beat());
    void this.#discover();
  }

  end(): void {
    this.#over = true;
  }

  /** CEPOCH. */
  follow(id: string, acceptedEpoch: number): void {
    if (this.#epoch !== undefined && acceptedEpoch > this.#epoch) {
      // It has promised a later epoch, perhaps to nobody who leads. Only a still later one has a place for it.
      this.#led.abdicate();
      throw new NotApplied(`${acceptedEpoch} was promised already`);
    }
    const follower: Follower = {
      id,
      number: ++this.#sessions,
      acceptedEpoch,
      phase: 'discovery',
      acked: undefined,
    };
    this.#followers.set(id, follower);
    void this.#serve(follower);
    void this.#discover();
  }

  /** Work out what a request changes, and propose it. */
  propose(request: Request): void {
    if (!this.#ahead || this.#epoch === undefined) throw new NotApplied('it does not lead yet');
    const { history, host, bug } = this.#led;
    const previous = history.last;
    const txn = changeOf(request, [this.#epoch, ++this.#counter], this.#ahead);
    this.#led.see({ what: 'broadcast', txn });
    history.append(txn);
    for (const follower of this.#followers.values())
      if (follower.phase !== 'discovery')
        void this.#ask(follower, 'propose', { previous, txn }).then((has) => {
          if (has) this.#acknowledge(follower, txn.zxid);
        });
    const logged = (): void => {
      this.#own = txn.zxid;
      this.#advance();
    };
    if (bug === 'ack-before-log') logged();
    else void host.disk.sync().then(logged);
  }

  /** Discovery: an epoch above all that a quorum has promised. */
  async #discover(): Promise<void> {
    const { epochs, host, history } = this.#led;
    if (this.#epoch !== undefined || this.#followers.size + 1 < this.#majority) return;
    const accepted = [...this.#followers.values()].map(({ acceptedEpoch }) => acceptedEpoch);
    this.#epoch = 1 + Math.max(epochs.accepted, ...accepted);
    epochs.accept(this.#epoch);
    await host.disk.sync();
    this.#discovered.resolve();
    this.#promised({ promised: true, currentEpoch: epochs.current, history });
  }

  /** All phases, with one follower. */
  async #serve(follower: Follower): Promise<void> {
    await this.#discovered.promise;
    const ack = await this.#ask(follower, 'newEpoch', {});
    if (!ack) return;
    this.#promised(ack);
    await this.#chosen.promise;
    if (!this.#serves(follower)) return;
    const { history, replica } = this.#led;
    const { last } = history;
    follower.phase = 'synchronisation';
    if (!(await this.#ask(follower, 'newLeader', { sync: syncFor(ack.history, history) }))) return;
    this.#acknowledge(follower, last);
    await this.#established.promise;
    follower.phase = 'broadcast';
    await this.#ask(follower, 'upToDate', { commit: replica.delivered });
  }

  /** ACK-E. Of a quorum’s histories the freshest holds all that was ever committed, and becomes everybody’s. */
  #promised(ack: AckEpoch): void {
    if (this.#over || !ack.promised || this.#promises.push(ack) !== this.#majority) return;
    const { epochs, history, host, replica } = this.#led;
    const best = this.#promises.reduce((a, b) => (fresher(voteOf(b), voteOf(a)) ? b : a));
    if (best.history !== history) history.adopt(syncFor(history, best.history));
    replica.follow();
    epochs.begin(this.#epoch as number);
    const { last } = history;
    this.#chosen.resolve();
    void host.disk.sync().then(() => {
      this.#own = last;
      this.#establish();
    });
  }

  /** ACK-LD and ACK. */
  #acknowledge(follower: Follower, upTo: Zxid): void {
    if (!this.#serves(follower)) return;
    if (!follower.acked || after(upTo, follower.acked)) follower.acked = upTo;
    this.#establish();
    this.#advance();
  }

  /** The end of synchronisation: what the epoch begins with is committed once a quorum has it. */
  #establish(): void {
    if (this.#over || this.#ahead || this.#acked().length < this.#majority) return;
    const { history, replica, established } = this.#led;
    replica.deliver(history.last);
    this.#ahead = replica.copy();
    this.#established.resolve();
    established(this.#epoch as number);
  }

  /** What a quorum has on its disks is committed, and everything before it. */
  #advance(): void {
    if (this.#over || !this.#ahead) return;
    const { replica, bug } = this.#led;
    const needed = bug === 'minority-commits' ? this.#majority - 1 : this.#majority;
    const commit = this.#acked()[needed - 1];
    if (!commit || !after(commit, replica.delivered)) return;
    replica.deliver(commit);
    this.#commit();
  }

  /** The histories that are on disks, the longest first. */
  #acked(): Zxid[] {
    const followers = [...this.#followers.values()].map(({ acked }) => acked);
    return [this.#own, ...followers]
      .filter((zxid) => zxid !== undefined)
      .toSorted((a, b) => (same(a, b) ? 0 : after(a, b) ? -1 : 1));
  }

  #commit(): void {
    const commit = this.#led.replica.delivered;
    for (const follower of this.#followers.values())
      if (follower.phase !== 'discovery') void this.#ask(follower, 'commit', { commit });
  }

  #beat(): void {
    if (this.#over) return;
    const { host, abdicate } = this.#led;
    const now = host.clock.monotonic();
    const heard = [...this.#heard.values()].filter((at) => now - at < QUORUM_MS).length;
    const quorum = this.#ahead ? heard + 1 >= this.#majority : now - this.#began < CANDIDATURE_MS;
    if (!quorum) return abdicate();
    this.#commit();
    host.clock.after(BEAT_MS, () => this.#beat());
  }

  /** Undefined where the follower does not keep up: it is dropped, and may come again. */
  async #ask<N extends 'newEpoch' | 'newLeader' | 'upToDate' | 'propose' | 'commit'>(
    follower: Follower,
    name: N,
    body: Omit<ZabMessages[N]['in'], keyof Session>,
  ): Promise<ZabMessages[N]['out'] | undefined> {
    const { host } = this.#led;
    const session: Session = { epoch: this.#epoch as number, number: follower.number };
    try {
      const answer = await host.call(
        follower.id,
        name,
        { ...session, ...body } as ZabMessages[N]['in'],
        ANSWER_MS,
      );
      this.#heard.set(follower.id, host.clock.monotonic());
      return answer;
    } catch {
      if (this.#serves(follower)) this.#followers.delete(follower.id);
      return undefined;
    }
  }

  #serves(follower: Follower): boolean {
    return !this.#over && this.#followers.get(follower.id) === follower;
  }
}

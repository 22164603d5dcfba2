import { NotApplied, type Host } from '../kit/kit.ts';
import type { Command } from '../kit/objects.ts';
import type { Bug } from './bugs.ts';
import type { Log } from './log.ts';
import type { Kept, RaftMessages } from './messages.ts';

/** A quarter of a follower's patience, so that one lost heartbeat topples nobody. */
const HEARTBEAT_MS = 50;
const APPEND_MS = 300;
const BATCH_ENTRIES = 64;
/** A handover that takes longer has failed. */
const HANDOVER_MS = 400;

/** What a leader needs of the node that it is a part of. */
export interface Led {
  readonly host: Host<RaftMessages>;
  readonly log: Log;
  readonly bug: Bug | undefined;
  /** How many messages to one follower may be under way. */
  readonly pipeline: number;
  /** After so many milliseconds it hands its lead over to another; 0: never. */
  readonly handover: number;
  commit(): number;
  commitTo(index: number): void;
  /** A peer answered from this term. If it is newer, this leadership is over. */
  observe(term: number): void;
}

interface Follower {
  readonly id: string;
  /** The next entry to send. */
  next: number;
  /** Up to here, its log is known to be ours. */
  match: number;
  /** So many messages are under way. */
  flying: number;
  /** It did not take the last that was sent: one message at a time, until one is taken. */
  probing: boolean;
  /** Something came up meanwhile. */
  again: boolean;
  /** The last round in which it answered us as its leader. */
  heard: number;
}

/** One node's leadership of one term: it makes the others' logs equal to its own, and knows how far they are. */
export class Leadership {
  readonly term: number;
  /** Where its term begins in the log: once this is applied, it knows everything that was ever committed. */
  readonly first: number;
  readonly #led: Led;
  readonly #followers: readonly Follower[];
  readonly #majority: number;
  #began: number;
  #own = 0;
  #over = false;
  /** To whom it is handing over, and since when. */
  #heir: { readonly follower: Follower; readonly since: number; named: boolean } | undefined;
  #round = 0;
  #confirmations: {
    readonly round: number;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor(term: number, led: Led) {
    const { peers } = led.host;
    this.term = term;
    this.#led = led;
    this.#began = led.host.clock.monotonic();
    this.#majority = Math.floor((peers.length + 1) / 2) + 1;
    const next = led.log.last + 1;
    this.#followers = peers.map((id) => ({
      id,
      next,
      match: 0,
      flying: 0,
      probing: true,
      again: false,
      heard: 0,
    }));
    this.first = this.propose({ f: 'nothing' });
    this.#beat();
  }

  end(): void {
    this.#over = true;
    for (const { reject } of this.#confirmations.splice(0)) reject(new NotApplied('it lost the lead'));
  }

  /** Append a command, and begin to spread it. Returns its index. */
  propose(command: Command): number {
    const { log, host, bug } = this.#led;
    const index = log.append({ term: this.term, command });
    const held = (): void => {
      if (this.#over) return;
      this.#own = Math.max(this.#own, index);
      this.#advance();
    };
    if (bug === 'ack-before-sync') held();
    else void host.disk.sync().then(held);
    this.#pushAll();
    return index;
  }

  /** Resolves once a majority has answered, to something sent after this was called, that this node leads them. */
  confirm(): Promise<void> {
    const round = ++this.#round;
    return new Promise((resolve, reject) => {
      this.#confirmations.push({ round, resolve, reject });
      this.#checkConfirmations();
      this.#pushAll();
    });
  }

  /** Whom it is handing over to. Until that has come to something, it proposes nothing. */
  get heir(): string | undefined {
    return this.#heir?.follower.id;
  }

  /**
   * Leader transfer (Ongaro’s thesis, §3.10): propose nothing more, wait until another has everything, and tell it to stand for
   * election at once. Where that comes to nothing for as long as an election takes, go on as if nothing had been.
   */
  #handOver(): void {
    const { host, handover, log } = this.#led;
    const now = host.clock.monotonic();
    if (handover === 0 || now - this.#began < handover) return;
    if (!this.#heir) {
      const [follower] = this.#followers.toSorted((a, b) => b.match - a.match);
      if (follower) this.#heir = { follower, since: now, named: false };
    } else if (now - this.#heir.since > HANDOVER_MS) {
      this.#heir = undefined;
      this.#began = now;
    }
    if (!this.#heir || this.#heir.named || this.#heir.follower.match < log.last) return;
    this.#heir.named = true;
    host.call(this.#heir.follower.id, 'timeoutNow', { term: this.term }, APPEND_MS).catch(() => {});
  }

  #beat(): void {
    if (this.#over) return;
    this.#handOver();
    this.#pushAll();
    this.#led.host.clock.after(HEARTBEAT_MS, () => this.#beat());
  }

  #pushAll(): void {
    for (const follower of this.#followers) this.#push(follower);
  }

  /**
   * Send a follower what it lacks, until it lacks nothing. Once its log is known to agree, the next entries are on their way
   * before it has answered for the last (Ongaro’s thesis, §10.2.1). One that does not answer is left to the next heartbeat.
   */
  #push(follower: Follower): void {
    const limit = follower.probing ? 1 : this.#led.pipeline;
    follower.again = follower.flying >= limit;
    if (follower.again) return;
    do void this.#fly(follower);
    while (!follower.probing && follower.flying < limit && follower.next <= this.#led.log.last);
  }

  async #fly(follower: Follower): Promise<void> {
    const round = this.#round;
    follower.flying++;
    try {
      const kept = await this.#send(follower);
      this.#led.observe(kept.term);
      if (this.#over || kept.term !== this.term) return;
      follower.heard = Math.max(follower.heard, round);
      this.#checkConfirmations();
      this.#learn(follower, kept);
    } catch {
      // Unreachable. Whether it got the message, its next answer will tell.
      if (!follower.probing) follower.next = follower.match + 1;
      follower.probing = true;
      follower.again = false;
    } finally {
      follower.flying--;
      if (follower.again && !this.#over) this.#push(follower);
    }
  }

  #send(follower: Follower): Promise<Kept> {
    const { host, log } = this.#led;
    const { term } = this;
    const prevIndex = follower.next - 1;
    const prevTerm = log.termAt(prevIndex);
    if (prevTerm === undefined) {
      const { index, term: indexTerm, state } = log.snapshot;
      return host.call(follower.id, 'install', { term, index, indexTerm, state }, APPEND_MS);
    }
    const entries = log.from(follower.next, BATCH_ENTRIES);
    if (!follower.probing) follower.next += entries.length;
    const append = { term, prevIndex, prevTerm, entries, commit: this.#led.commit() };
    return host.call(follower.id, 'append', append, APPEND_MS);
  }

  #learn(follower: Follower, { ok, match }: Kept): void {
    if (ok) {
      follower.probing = false;
      const taken = this.#led.bug === 'counts-sent' ? follower.next - 1 : match;
      follower.match = Math.max(follower.match, taken);
      follower.next = Math.max(follower.next, follower.match + 1);
      this.#advance();
      this.#handOver();
      if (follower.next <= this.#led.log.last) follower.again = true;
    } else if (follower.next > 1) {
      follower.probing = true;
      follower.next = Math.max(1, Math.min(follower.next - 1, match + 1));
      follower.again = true;
    }
  }

  /**
   * What a majority holds is committed: but only if it is of this term. An older entry that a majority holds may still
   * be replaced by a leader who never saw it (Raft §5.4.2, figure 8).
   */
  #advance(): void {
    const held = this.#ofMajority(this.#own, (follower) => follower.match);
    if (this.#led.log.termAt(held) === this.term) this.#led.commitTo(held);
  }

  #checkConfirmations(): void {
    const heard = this.#ofMajority(this.#round, (follower) => follower.heard);
    while (this.#confirmations[0] && this.#confirmations[0].round <= heard)
      this.#confirmations.shift()?.resolve();
  }

  /** The highest number that a majority of nodes has reached. */
  #ofMajority(own: number, of: (follower: Follower) => number): number {
    const numbers = [own, ...this.#followers.map(of)].toSorted((a, b) => b - a);
    return numbers[this.#majority - 1] ?? 0;
  }
}

import { NotApplied } from '../kit/kit.ts';
import { objectClient, type ObjectOperations } from '../kit/object-client.ts';
import type { Command } from '../kit/objects.ts';
import { within } from '../kit/within.ts';
import type { Host, Node, Protocol, Timer } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { Leadership, type Led } from './leadership.ts';
import { Log } from './log.ts';
import type { Append, Ballot, Install, Kept, RaftMessages } from './messages.ts';
import { Replica } from './replica.ts';
import { Term } from './term.ts';

/** A follower that hears nothing for so long, and some ticks longer, stands for election. */
const ELECTION_MS = 200;
/** Ticks, and few of them, as real implementations have: now and then two stand at once, and votes have to decide. */
const TICK_MS = 10;
const TICKS = 3;
/** In a cluster that is new, nobody need wait for a leader to fall silent. */
const FIRST_ELECTION_MS = 100;
/** After so long, a node stops waiting for a majority on a client's behalf, and says that it does not know. */
const OPERATION_MS = 1_000;

/** Raft (Ongaro & Ousterhout 2014), without changes of membership. */
const raft: Protocol<RaftMessages, ObjectOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`raft has no bug ${bug}`);
  const pipeline = whole(options, 'pipeline', 1);
  const handover = whole(options, 'handover', 0);
  return (host) => new Raft(host, { bug, pipeline, handover });
};
export default raft;

function whole(options: Readonly<Record<string, string>>, name: string, least: number): number {
  const text = options[name] ?? String(least);
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`raft: ${name} should be a whole number from ${least}, and is ${text}`);
  return value;
}

type RaftSettings = Pick<Led, 'bug' | 'pipeline' | 'handover'>;

class Raft implements Node<RaftMessages, ObjectOperations> {
  readonly #host: Host<RaftMessages>;
  readonly #settings: RaftSettings;
  readonly #bug: Bug | undefined;
  readonly #term: Term;
  readonly #log: Log;
  readonly #replica: Replica;
  #role: 'follower' | 'candidate' | 'leader' = 'follower';
  /** While this node leads. */
  #leadership: Leadership | undefined;
  /** Whom it believes to lead. */
  #leader: string | undefined;
  #electionTimer: Timer | undefined;
  #whenLed: (() => void)[] = [];

  constructor(host: Host<RaftMessages>, settings: RaftSettings) {
    const { bug } = settings;
    this.#host = host;
    this.#settings = settings;
    this.#bug = bug;
    this.#term = new Term(host.disk, bug);
    this.#log = new Log(host.disk, bug);
    this.#replica = new Replica(this.#log, bug);
  }

  start(): void {
    this.#become('follower', undefined);
    if (this.#term.now === 0) this.#awaitElection(FIRST_ELECTION_MS);
  }

  readonly client = objectClient({
    now: () => this.#host.clock.wall(),
    change: (command) => this.#propose(command),
    upToDate: async () => {
      await this.#catchUp();
      return this.#replica.state;
    },
  });

  readonly peer = {
    vote: async ({ term, lastIndex, lastTerm }: Ballot, from: string) => {
      this.#observe(term);
      const { last } = this.#log;
      const ownLastTerm = this.#log.termAt(last) ?? 0;
      const upToDate = lastTerm > ownLastTerm || (lastTerm === ownLastTerm && lastIndex >= last);
      const granted = term === this.#term.now && upToDate && (this.#term.votedFor ?? from) === from;
      if (granted) {
        this.#term.enter(term, from);
        this.#awaitElection();
      }
      const reply = { term: this.#term.now, granted };
      await this.#host.disk.sync();
      return reply;
    },

    append: ({ term, prevIndex, prevTerm, entries, commit }: Append, from: string) =>
      this.#asFollower(term, from, () => {
        const { base, last } = this.#log;
        // What lies before the snapshot is committed, and a leader's log holds all that is committed.
        const agrees = prevIndex < base || this.#log.termAt(prevIndex) === prevTerm;
        if (!agrees) return { ok: false, match: Math.min(prevIndex - 1, last) };
        this.#log.merge(prevIndex, entries);
        return { ok: true, match: prevIndex + entries.length, commit };
      }),

    install: ({ term, index, indexTerm, state }: Install, from: string) =>
      this.#asFollower(term, from, () => {
        if (index > this.#replica.commit) this.#replica.install({ index, term: indexTerm, state });
        return { ok: true, match: index, commit: index };
      }),

    timeoutNow: ({ term }: { readonly term: number }) => {
      if (term === this.#term.now && this.#role === 'follower') {
        if (this.#bug === 'heir-without-vote') this.#lead();
        else void this.#campaign();
      }
      return null;
    },

    readIndex: () => this.#readIndex(),
  };

  /** Do what the leader of `term` asks, on the disk before it is confirmed, unless the term is past, or passes meanwhile. */
  async #asFollower(
    term: number,
    from: string,
    change: () => { readonly ok: boolean; readonly match: number; readonly commit?: number },
  ): Promise<Kept> {
    this.#observe(term);
    const past = (): Kept => ({ term: this.#term.now, ok: false, match: 0 });
    // A term has one leader: another can only come of votes that were given twice, and gets nothing from this one.
    if (term < this.#term.now || this.#role === 'leader') return past();
    if (this.#role !== 'follower' || this.#leader !== from) this.#become('follower', from);
    else this.#awaitElection();
    const { ok, match, commit = 0 } = change();
    if (this.#bug !== 'ack-before-sync') await this.#host.disk.sync();
    if (this.#term.now !== term) return past();
    this.#replica.commitTo(Math.min(commit, match));
    return { term, ok, match };
  }

  /** A newer term, from anyone, ends whatever this node was. */
  #observe(term: number): void {
    if (term <= this.#term.now) return;
    this.#term.enter(term, null);
    this.#become('follower', undefined);
  }

  #become(role: 'follower' | 'candidate' | 'leader', leader: string | undefined): void {
    if (role !== 'leader') {
      this.#leadership?.end();
      this.#leadership = undefined;
      this.#awaitElection();
    }
    this.#role = role;
    this.#leader = leader;
    this.#host.report({ role, term: this.#term.now, ...(leader === undefined ? {} : { leader }) });
    if (leader !== undefined) for (const wake of this.#whenLed.splice(0)) wake();
  }

  #awaitElection(patience = ELECTION_MS): void {
    this.#electionTimer?.cancel();
    const ms = patience + TICK_MS * this.#host.random.below(TICKS);
    this.#electionTimer = this.#host.clock.after(ms, () => void this.#campaign());
  }

  async #campaign(): Promise<void> {
    const term = this.#term.now + 1;
    this.#term.enter(term, this.#host.id);
    this.#become('candidate', undefined);
    await this.#host.disk.sync();
    const stands = (): boolean => this.#role === 'candidate' && this.#term.now === term;
    if (!stands()) return;
    const lastIndex = this.#log.last;
    const ballot: Ballot = { term, lastIndex, lastTerm: this.#log.termAt(lastIndex) ?? 0 };
    const majority = Math.floor((this.#host.peers.length + 1) / 2) + 1;
    let votes = 1;
    const count = (reply: RaftMessages['vote']['out']): void => {
      this.#observe(reply.term);
      if (reply.granted && stands() && ++votes === majority) this.#lead();
    };
    if (votes === majority) return this.#lead();
    for (const peer of this.#host.peers)
      this.#host.call(peer, 'vote', ballot, ELECTION_MS).then(count, () => {});
  }

  #lead(): void {
    this.#electionTimer?.cancel();
    this.#leadership = new Leadership(this.#term.now, {
      host: this.#host,
      log: this.#log,
      ...this.#settings,
      commit: () => this.#replica.commit,
      commitTo: (index) => this.#replica.commitTo(index),
      observe: (term) => this.#observe(term),
    });
    this.#become('leader', this.#host.id);
  }

  /** Let the leader order a command, and wait until it is applied here. */
  async #propose(command: Command): Promise<unknown> {
    const leader = await this.#whoLeads();
    const leadership = this.#leadership;
    if (!leadership) throw new NotApplied(`${this.#host.id} does not lead`, leader);
    if (leadership.heir !== undefined) throw new NotApplied(`${this.#host.id} is handing its lead over`);
    const index = leadership.propose(command);
    if (this.#bug === 'ack-before-commit' && (command.f === 'write' || command.f === 'add'))
      return this.#host.disk.sync();
    return this.#within('to commit', this.#replica.outcome(index, leadership.term));
  }

  /** Resolves when this node's state holds everything that was done before the call, anywhere. */
  async #catchUp(): Promise<void> {
    const leader = await this.#whoLeads();
    const index =
      leader === this.#host.id
        ? await this.#readIndex()
        : await this.#host.call(leader, 'readIndex', null, OPERATION_MS);
    await this.#within('to catch up', this.#replica.reached(index));
  }

  /** ReadIndex (Ongaro’s thesis, §6.4): what is committed now, if this node still leads now. */
  async #readIndex(): Promise<number> {
    const leadership = this.#leadership;
    if (!leadership) throw new NotApplied(`${this.#host.id} does not lead`, this.#leader);
    if (this.#bug === 'stale-read') return this.#replica.commit;
    await this.#within('to begin its term', this.#replica.reached(leadership.first));
    const index = this.#replica.commit;
    await this.#within('to confirm its lead', leadership.confirm());
    return index;
  }

  async #whoLeads(): Promise<string> {
    if (this.#leader === undefined) {
      const led = new Promise<void>((wake) => this.#whenLed.push(wake));
      await within(this.#host.clock, OPERATION_MS, 'to find a leader', led).catch(() => {});
    }
    if (this.#leader === undefined) throw new NotApplied('no leader is known');
    return this.#leader;
  }

  #within<T>(what: string, promise: Promise<T>): Promise<T> {
    return within(this.#host.clock, OPERATION_MS, what, promise);
  }
}

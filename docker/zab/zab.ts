import { NotApplied, type Host, type Node, type Protocol, type Timer } from '../kit/kit.ts';
import { objectClient, type ObjectOperations } from '../kit/object-client.ts';
import type { Command, Objects } from '../kit/objects.ts';
import { within } from '../kit/within.ts';
import { isBug, type Bug } from './bugs.ts';
import { Epochs } from './epochs.ts';
import { History } from './history.ts';
import { Leadership } from './leadership.ts';
import {
  fresher,
  same,
  voteOf,
  type AckEpoch,
  type Look,
  type Role,
  type Seen,
  type Session,
  type Vote,
  type ZabMessages,
} from './messages.ts';
import { Replica } from './replica.ts';

/** A follower that hears nothing for so long, and up to half as long again, looks for another leader. */
const PATIENCE_MS = 200;
/** Whoever looks asks everybody, and asks again after so long, and up to as long again. */
const LOOK_MS = 30;
const ANSWER_MS = 100;
/** After so long, a node stops waiting on a client’s behalf, and says that it does not know. */
const OPERATION_MS = 1_000;

/** Zab (Junqueira, Reed & Serafini, DSN 2011): ZooKeeper’s atomic broadcast. */
const zab: Protocol<ZabMessages, ObjectOperations> = ({ bug, options }) =>
  zabThat(() => {})({ bug, options });
export default zab;

/** The same, and `see` is told what every node broadcasts and delivers. */
export function zabThat(see: (node: string, seen: Seen) => void): Protocol<ZabMessages, ObjectOperations> {
  return ({ bug, options }) => {
    if (bug !== undefined && !isBug(bug)) throw new Error(`zab has no bug ${bug}`);
    const reads = options['reads'] ?? 'local';
    if (reads !== 'local' && reads !== 'sync') throw new Error(`zab reads local or sync, and not ${reads}`);
    return (host) => new Zab(host, { bug, syncs: reads === 'sync', see: (seen) => see(host.id, seen) });
  };
}

interface Settings {
  readonly bug: Bug | undefined;
  /** Whether a read waits until everything is here that was done before it, anywhere. */
  readonly syncs: boolean;
  readonly see: (seen: Seen) => void;
}

/** A follower’s part of a session. */
interface Following extends Session {
  readonly leader: string;
}

class Zab implements Node<ZabMessages, ObjectOperations> {
  readonly #host: Host<ZabMessages>;
  readonly #settings: Settings;
  readonly #history: History;
  readonly #epochs: Epochs;
  readonly #replica: Replica;
  #role: Role = 'looking';
  #leadership: Leadership | undefined;
  /** Whom it has asked to follow, and has not lost since. */
  #leader: string | undefined;
  #following: Following | undefined;
  /** Whether a quorum has begun the epoch, and this node with it. */
  #serving = false;
  #whenServing: (() => void)[] = [];
  #timer: Timer | undefined;

  constructor(host: Host<ZabMessages>, settings: Settings) {
    const { disk, id } = host;
    const { bug, see } = settings;
    this.#host = host;
    this.#settings = settings;
    this.#history = new History(disk, bug);
    this.#epochs = new Epochs(disk, bug);
    const life = 1 + (disk.get<number>('lives') ?? 0);
    disk.set('lives', life);
    this.#replica = new Replica(this.#history, { node: id, life }, see);
  }

  async start(): Promise<void> {
    await this.#host.disk.sync();
    this.#look();
  }

  readonly client = objectClient({
    now: () => this.#host.clock.wall(),
    change: async (command) => {
      await this.#served();
      return this.#change(command);
    },
    upToDate: () => this.#upToDate(),
  });

  readonly peer: Node<ZabMessages, ObjectOperations>['peer'] = {
    look: (): Look => ({ role: this.#role, vote: this.#vote() }),

    follow: ({ acceptedEpoch }, from) => {
      if (!this.#leadership) throw new NotApplied(`${this.#host.id} does not lead`);
      this.#leadership.follow(from, acceptedEpoch);
      return true as const;
    },

    newEpoch: async ({ epoch, number }, from): Promise<AckEpoch> => {
      const older = this.#following;
      const late = older !== undefined && older.epoch === epoch && older.number >= number;
      if (from !== this.#leader || late || epoch < this.#epochs.accepted)
        throw new NotApplied(`${this.#host.id} does not take part in epoch ${epoch}`);
      const promised = epoch > this.#epochs.accepted;
      if (promised) this.#epochs.accept(epoch);
      const session = { leader: from, epoch, number };
      this.#following = session;
      this.#serving = false;
      this.#await();
      const { current: currentEpoch } = this.#epochs;
      const history = { base: this.#history.base, txns: this.#history.txns };
      await this.#logged(session);
      return { promised, currentEpoch, history };
    },

    newLeader: async ({ sync, ...session }, from) => {
      const following = this.#in(session, from);
      this.#history.adopt(sync);
      this.#replica.follow();
      this.#epochs.begin(session.epoch);
      await this.#logged(following);
      return true as const;
    },

    upToDate: ({ commit, ...session }, from) => {
      this.#in(session, from);
      this.#replica.deliver(commit);
      this.#serve();
      return true as const;
    },

    propose: async ({ previous, txn, ...session }, from) => {
      const following = this.#in(session, from);
      const missing = !same(previous, this.#history.last);
      if (missing && this.#settings.bug !== 'accepts-old-epoch') {
        this.#look();
        throw new NotApplied(`something is missing before ${txn.zxid.join()}`);
      }
      this.#history.append(txn);
      if (this.#settings.bug === 'delivers-proposals' && this.#serving) this.#replica.deliver(txn.zxid);
      if (this.#settings.bug !== 'ack-before-log') await this.#logged(following);
      return true as const;
    },

    commit: ({ commit, ...session }, from) => {
      this.#in(session, from);
      if (this.#serving && !this.#replica.deliver(commit)) this.#look();
      return true as const;
    },

    delivered: () => {
      if (!this.#leadership) throw new NotApplied(`${this.#host.id} does not lead`);
      return this.#replica.delivered;
    },

    request: (request) => {
      if (!this.#leadership) throw new NotApplied(`${this.#host.id} does not lead`);
      this.#leadership.propose(request);
      return true as const;
    },
  };

  /** Have the leader propose it, and wait until it is delivered here. */
  async #change(command: Command): Promise<unknown> {
    const request = { command, origin: this.#replica.nextRequest() };
    const outcome = this.#replica.outcome(request.origin);
    if (this.#leadership) this.#leadership.propose(request);
    else await this.#host.call(this.#leader as string, 'request', request, OPERATION_MS);
    return within(this.#host.clock, OPERATION_MS, 'to be delivered', outcome);
  }

  /** Local reads take the state as it is here. A sync is a change of nothing: what is delivered with it was committed since. */
  async #upToDate(): Promise<Objects> {
    if (this.#settings.bug !== 'serves-before-synced') await this.#served();
    if (this.#settings.syncs) await this.#sync();
    return this.#replica.state;
  }

  async #sync(): Promise<void> {
    if (this.#settings.bug !== 'sync-trusts-lead') return void (await this.#change({ f: 'nothing' }));
    if (this.#leadership) return;
    const commit = await this.#host.call(this.#leader as string, 'delivered', null, OPERATION_MS);
    await within(this.#host.clock, OPERATION_MS, 'to catch up', this.#replica.reached(commit));
  }

  async #served(): Promise<void> {
    if (this.#serving) return;
    const served = new Promise<void>((wake) => this.#whenServing.push(wake));
    await within(this.#host.clock, OPERATION_MS, 'to find a leader', served).catch(() => {});
    if (!this.#serving) throw new NotApplied(`${this.#host.id} follows nobody`);
  }

  /** Heeds what belongs to the session that this node is in, and nothing else. */
  #in({ epoch, number }: Session, from: string): Following {
    const following = this.#following;
    const same = following?.leader === from && following.epoch === epoch && following.number === number;
    const heeded = this.#settings.bug === 'accepts-old-epoch' ? epoch <= (following?.epoch ?? 0) : same;
    if (!following || !heeded)
      throw new NotApplied(`${this.#host.id} is not in that session of epoch ${epoch}`);
    this.#await();
    return following;
  }

  /** What was written is on the disk, and the session is still the same. */
  async #logged(session: Following): Promise<void> {
    await this.#host.disk.sync();
    if (this.#following !== session) throw new NotApplied(`${this.#host.id} has gone on meanwhile`);
  }

  #vote(): Vote {
    return voteOf({ currentEpoch: this.#epochs.current, history: this.#history });
  }

  #await(): void {
    this.#timer?.cancel();
    const ms = PATIENCE_MS * (1 + this.#host.random.fraction() / 2);
    this.#timer = this.#host.clock.after(ms, () => this.#look());
  }

  /** Phase 0. Whoever was followed is followed no more. */
  #look(): void {
    this.#leadership?.end();
    this.#leadership = undefined;
    this.#leader = undefined;
    this.#following = undefined;
    this.#serving = false;
    this.#replica.giveUp();
    this.#become('looking');
    this.#seek();
  }

  /** Ask everybody who leads. Where nobody does, the freshest of a quorum of those who look should. */
  #seek(): void {
    const { id, peers, clock, random } = this.#host;
    const looking: Candidate[] = [{ id, vote: this.#vote() }];
    this.#timer?.cancel();
    const timer = clock.after(LOOK_MS * (1 + random.fraction()), () => {
      const quorum = looking.length > peers.length - looking.length + 1;
      const best = looking.reduce((a, b) => (before(a, b) ? b : a));
      if (!quorum) this.#seek();
      else if (best.id === id) this.#lead();
      else this.#follow(best.id);
    });
    this.#timer = timer;
    for (const peer of peers)
      this.#host.call(peer, 'look', null, ANSWER_MS).then(
        ({ role, vote }) => {
          if (this.#timer !== timer) return;
          if (role === 'leading') this.#follow(peer);
          else if (role === 'looking') looking.push({ id: peer, vote });
        },
        () => {},
      );
  }

  #follow(leader: string): void {
    this.#leader = leader;
    this.#become('following');
    this.#await();
    this.#host.call(leader, 'follow', { acceptedEpoch: this.#epochs.accepted }, ANSWER_MS).catch(() => {
      // It does not lead, or not yet.
      if (this.#leader === leader && !this.#following) this.#look();
    });
  }

  #lead(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#become('leading');
    this.#leadership = new Leadership({
      host: this.#host,
      history: this.#history,
      epochs: this.#epochs,
      replica: this.#replica,
      bug: this.#settings.bug,
      see: this.#settings.see,
      established: () => this.#serve(),
      abdicate: () => this.#look(),
    });
  }

  #become(role: Role): void {
    this.#role = role;
    this.#host.report({ role });
  }

  /** The epoch has begun. */
  #serve(): void {
    this.#serving = true;
    for (const wake of this.#whenServing.splice(0)) wake();
    const leads = this.#role === 'leading';
    const leader = leads ? this.#host.id : this.#leader;
    this.#host.report({
      role: leads ? 'leader' : 'follower',
      term: this.#epochs.current,
      ...(leader !== undefined && { leader }),
    });
  }
}

interface Candidate {
  readonly id: string;
  readonly vote: Vote;
}

/** Whether `b` should rather lead. */
function before(a: Candidate, b: Candidate): boolean {
  if (fresher(b.vote, a.vote)) return true as const;
  return !fresher(a.vote, b.vote) && b.id > a.id;
}

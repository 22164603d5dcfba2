import { NotApplied, type Host, type Node, type Protocol, type Timer } from '../kit/kit.ts';
import { objectClient, type ObjectOperations } from '../kit/object-client.ts';
import type { Command, Objects } from '../kit/objects.ts';
import { within } from '../kit/within.ts';
import { Acceptor } from './acceptor.ts';
import { isBug, type Bug } from './bugs.ts';
import { Leadership } from './leadership.ts';
import { Learner } from './learner.ts';
import { above, same, type Answer, type Ballot, type MultiPaxosMessages, type Promise1 } from './messages.ts';

/** Whoever hears of no leader for so long, and up to half as long again, tries to become one. */
const PATIENCE_MS = 200;
const ANSWER_MS = 300;
/** After so long, a node stops waiting for a majority on a client’s behalf, and says that it does not know. */
const OPERATION_MS = 1_000;

/** Multi-Paxos: a leader, a log of slots, catch-up, snapshots (Lamport 2001, §3; Chandra, Griesemer & Redstone 2007). */
const multiPaxos: Protocol<MultiPaxosMessages, ObjectOperations> = ({ bug }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`multi-paxos has no bug ${bug}`);
  return (host) => new MultiPaxos(host, bug);
};
export default multiPaxos;

class MultiPaxos implements Node<MultiPaxosMessages, ObjectOperations> {
  readonly #host: Host<MultiPaxosMessages>;
  readonly #bug: Bug | undefined;
  readonly #acceptor: Acceptor;
  readonly #learner: Learner;
  #leadership: Leadership | undefined;
  /** Whom it believes to lead. */
  #leader: string | undefined;
  #patience: Timer | undefined;
  #catchingUp = false;

  constructor(host: Host<MultiPaxosMessages>, bug: Bug | undefined) {
    this.#host = host;
    this.#bug = bug;
    this.#acceptor = new Acceptor(host.disk, bug);
    this.#learner = new Learner(this.#acceptor);
  }

  start(): void {
    this.#follow(undefined);
  }

  readonly client = objectClient({
    now: () => this.#host.clock.wall(),
    change: (command) => this.#change(command),
    upToDate: () => this.#upToDate(),
  });

  readonly peer: Node<MultiPaxosMessages, ObjectOperations>['peer'] = {
    prepare: async ({ ballot, from }, node) => {
      const outbids = above(ballot, this.#acceptor.promised);
      if (outbids && node !== this.#host.id) this.#follow(undefined);
      return this.#acceptor.prepare(ballot, from);
    },
    accept: async ({ slot, ballot, command, chosen }, from): Promise<Answer> => {
      if (!this.#ledBy(from, ballot)) return { ok: false, promised: this.#acceptor.promised };
      const answer = await this.#acceptor.accept({ slot, ballot, command });
      if (answer.ok) this.#learn(from, ballot, chosen);
      return answer;
    },
    lead: async ({ ballot, chosen }, from): Promise<Answer> => {
      if (!this.#ledBy(from, ballot)) return { ok: false, promised: this.#acceptor.promised };
      const ok = await this.#acceptor.promise(ballot);
      if (ok) this.#learn(from, ballot, chosen);
      return { ok, promised: this.#acceptor.promised };
    },
    catchUp: ({ from }) => {
      const commands = this.#learner.from(from);
      if (commands) return { snapshot: null, commands };
      const { slots, state } = this.#acceptor.snapshot;
      const sent = this.#bug === 'snapshot-too-new' ? this.#learner.objects.save() : state;
      return { snapshot: { slots, state: sent }, commands: this.#learner.from(slots + 1) ?? [] };
    },
  };

  async #change(command: Command): Promise<unknown> {
    const outcome = this.#learner.outcome(this.#leading().propose(command));
    return within(this.#host.clock, OPERATION_MS, 'to be chosen', outcome);
  }

  async #upToDate(): Promise<Objects> {
    const leadership = this.#leading();
    const { clock } = this.#host;
    await within(clock, OPERATION_MS, 'to recover', this.#learner.reached(leadership.recovered));
    if (this.#bug !== 'stale-read')
      await within(clock, OPERATION_MS, 'to confirm its lead', leadership.confirm());
    return this.#learner.objects;
  }

  #leading(): Leadership {
    if (!this.#leadership) throw new NotApplied(`${this.#host.id} does not lead`, this.#leader);
    return this.#leadership;
  }

  /** Whether this ballot may lead here; if so, its leader is followed. */
  #ledBy(from: string, ballot: Ballot): boolean {
    if (above(this.#acceptor.promised, ballot)) return false;
    this.#follow(from, ballot);
    return true;
  }

  #follow(leader: string | undefined, ballot?: Ballot): void {
    if (this.#leadership) {
      this.#leadership.end();
      this.#leadership = undefined;
      this.#learner.giveUp();
    }
    if (leader === undefined || leader !== this.#leader) {
      const round = ballot?.[0];
      this.#host.report({
        role: 'follower',
        ...(round !== undefined && { term: round }),
        ...(leader !== undefined && { leader }),
      });
    }
    this.#leader = leader;
    this.#await();
  }

  #await(): void {
    this.#patience?.cancel();
    const ms = PATIENCE_MS * (1 + this.#host.random.fraction() / 2);
    this.#patience = this.#host.clock.after(ms, () => void this.#stand());
  }

  /** Phase 1, for all slots that it does not know to be chosen. */
  async #stand(): Promise<void> {
    this.#await();
    const { id, peers } = this.#host;
    this.#leader = undefined;
    const ballot: Ballot = [this.#acceptor.promised[0] + 1, id];
    this.#host.report({ role: 'candidate', term: ballot[0] });
    const from = this.#learner.applied + 1;
    const own = await this.#acceptor.prepare(ballot, from);
    const majority = Math.floor((peers.length + 1) / 2) + 1;
    const promises: Promise1[] = own.ok ? [own] : [];
    const count = (promise: Promise1): void => {
      const stands = same(this.#acceptor.promised, ballot) && this.#leader === undefined && !this.#leadership;
      if (!stands) return;
      if (promise.ok && promises.push(promise) === majority) this.#lead(ballot, promises);
    };
    if (promises.length === majority) return this.#lead(ballot, promises);
    for (const peer of peers)
      this.#host.call(peer, 'prepare', { ballot, from }, ANSWER_MS).then(count, () => {});
  }

  #lead(ballot: Ballot, promises: readonly Promise1[]): void {
    this.#patience?.cancel();
    this.#leader = this.#host.id;
    this.#host.report({ role: 'leader', term: ballot[0], leader: this.#host.id });
    this.#leadership = new Leadership(
      ballot,
      {
        host: this.#host,
        acceptor: this.#acceptor,
        learner: this.#learner,
        bug: this.#bug,
        outbid: (promised) => {
          // Its next ballot has to be above that.
          void this.#acceptor.promise(promised);
          this.#follow(undefined);
        },
      },
      promises,
    );
  }

  /** Every slot up to `chosen` is chosen; but with which command is known only where it was accepted of this very leader. */
  #learn(leader: string, ballot: Ballot, chosen: number): void {
    for (let slot = this.#learner.applied + 1; slot <= chosen; slot++) {
      const proposal = this.#acceptor.accepted(slot);
      if (!proposal || !same(proposal.ballot, ballot)) break;
      this.#learner.choose(slot, proposal.command);
    }
    if (this.#learner.applied < chosen) void this.#catchUp(leader);
  }

  async #catchUp(leader: string): Promise<void> {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    const from = this.#learner.applied + 1;
    try {
      const { snapshot, commands } = await this.#host.call(leader, 'catchUp', { from }, ANSWER_MS);
      if (snapshot) this.#learner.install(snapshot);
      const first = snapshot ? snapshot.slots + 1 : from;
      commands.forEach((command, i) => this.#learner.choose(first + i, command));
    } catch {
      // Unreachable: the next message of whoever leads then begins it again.
    } finally {
      this.#catchingUp = false;
    }
  }
}

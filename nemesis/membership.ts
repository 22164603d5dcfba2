import type { Evidence, Fault, Field, Injection, Members } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import type { Seat } from '../harness/system.ts';
import { confirmed, indeterminate, messageOf, namesIn, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { drawTargets } from './targets.ts';

/** Systems refuse changes while they are not sure of all members: etcd, for five seconds after one was gone. */
const removeMs = 12_000;
const againMs = 250;
/** How long others may take to hear of a change. */
const hearMs = 2000;

/**
 * Members go and come. Which change is agreed on before which operation, who still counts whom, and what a newcomer is told,
 * are where clusters that never lost a write lose one.
 *
 * ```
 *   one, minority, leader   runs │ is removed, one after the other ─────────────────┤ let in again, empty
 *   replace                 runs │ dies with its disk, is removed ──────────────────┤ a new one is let in
 *   learner                 runs │ dies with its disk, is removed │ a new one listens ─┤ and gets a vote
 * ```
 *
 * However many may be down at a time: of members whose data is gone no more leave than a majority can spare, or nobody could ever let
 * them in again. Clients of those that are out ask the others meanwhile, as clients do that are told who is in.
 */
const membership: Fault = {
  name: 'membership',
  about: 'takes members out of the cluster and lets them in again, or replaces them by new ones',
  proof: 'the list of members, read back from another node',
  // How a newcomer is told that it joins is its system's business: by a file, where the runtime can write one.
  needs: ['kill'],
  asks: ['membership'],
  variants: ['one', 'minority', 'leader', 'replace', 'learner'],
  async inject(field, variant): Promise<Injection> {
    const { members } = field;
    if (members === undefined) return nothing('this system does not say how its members change');
    if (variant === 'learner' && !members.learners) return nothing('this system knows no learners');
    const replaces = variant === 'replace' || variant === 'learner';
    const targets = await drawTargets({ ...field, quorum: 'never' }, replaces ? 'one' : variant);
    if ('none' in targets) return nothing(targets.none);
    const change = new Change(field, members, targets.nodes);
    if (replaces) await Promise.all(change.nodes.map((node) => node.kill()));
    const refused = await change.remove();
    if (change.out.length === 0) {
      if (replaces) await Promise.all(change.nodes.map((node) => node.start()));
      return nothing(`nobody could be removed: ${refused}`);
    }
    const comeBack = field.divert(change.out.map(({ name }) => name));
    // What goes wrong with it now, the heal puts right.
    const learning = variant === 'learner' ? change.join('learner').catch(() => {}) : undefined;
    const names = change.out.map(({ name }) => name);
    return {
      what: replaces
        ? `${names.join(' ')} by a new one${variant === 'learner' ? ' that learns' : ''}`
        : names.join(' '),
      nodes: names,
      evidence: await probed(() => change.evidenceOfRemoval()),
      heal: once(async () => {
        await learning;
        await change.join('voter');
        comeBack();
        return probed(() => change.evidenceOfReturn());
      }),
    };
  },
};

export default membership;

/** Some nodes leave, one after the other, and come back. */
class Change {
  readonly nodes: readonly Node[];
  /** Of these, who has left. */
  readonly out: Node[] = [];
  readonly #field: Field;
  readonly #members: Members;
  /** By node, the place it had before. */
  readonly #before = new Map<string, Seat>();

  constructor(field: Field, members: Members, nodes: readonly Node[]) {
    this.#field = field;
    this.#members = members;
    this.nodes = nodes;
  }

  /** Answers why not all of them could be removed, if so. */
  async remove(): Promise<string | undefined> {
    for (const node of this.nodes) {
      const refused = await this.#removeOne(node);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  async #removeOne(node: Node): Promise<string | undefined> {
    const { time, signal } = this.#field;
    let refused = 'no other node runs';
    for (const end = time.now() + removeMs * 1e6; time.now() < end && !signal.aborted;) {
      for (const at of await this.#others()) {
        try {
          const seat = seatOf(node, await this.#members.list(at));
          // Also where an earlier try was answered by nobody, and was carried out all the same.
          if (seat === undefined) return void this.out.push(node);
          if (!this.#before.has(node.name)) this.#before.set(node.name, seat);
          await this.#members.remove(node, at);
          return void this.out.push(node);
        } catch (error) {
          refused = messageOf(error);
        }
      }
      await time.sleep(againMs, signal).catch(() => {});
    }
    return refused;
  }

  /** One after the other, as systems want it. */
  async join(as: Seat['standing']): Promise<void> {
    for (const node of this.out) await this.#members.join(node, as);
  }

  evidenceOfRemoval(): Promise<Evidence> {
    return this.#heard('still lists', 'no longer lists', (node, seats) => {
      const seat = seatOf(node, seats);
      return seat === undefined || seat.id !== this.#before.get(node.name)?.id;
    });
  }

  evidenceOfReturn(): Promise<Evidence> {
    return this.#heard(
      'does not list',
      'lists again',
      (node, seats) => seatOf(node, seats)?.standing === 'voter',
    );
  }

  /** What the last of the others has: it was not the one that was asked for the change, where there are two. */
  async #heard(
    not: string,
    does: string,
    holds: (node: Node, seats: readonly Seat[]) => boolean,
  ): Promise<Evidence> {
    const { time } = this.#field;
    const names = this.out.map(({ name }) => name).join(' ');
    let why = 'no other node runs';
    for (const end = time.now() + hearMs * 1e6; ; await time.sleep(50)) {
      for (const at of (await this.#others()).toReversed()) {
        const seats = await this.#members.list(at).catch((error: unknown) => messageOf(error));
        if (typeof seats === 'string') {
          why = seats;
          continue;
        }
        const has = seats.map(({ node }) => node).join(' ');
        if (this.out.every((node) => holds(node, seats)))
          return confirmed(`${at.name} ${does} ${names}; it has ${has}`);
        why = `${at.name} ${not} ${names}; it has ${has}`;
      }
      if (time.now() >= end) return indeterminate(why);
    }
  }

  /** Who runs, and is not to go. */
  async #others(): Promise<readonly Node[]> {
    const { nodes } = this.#field;
    const running = await namesIn(nodes, 'running');
    return nodes.filter((node) => running.has(node.name) && !this.nodes.includes(node));
  }
}

const seatOf = ({ name }: Node, seats: readonly Seat[]): Seat | undefined =>
  seats.find(({ node }) => node === name);

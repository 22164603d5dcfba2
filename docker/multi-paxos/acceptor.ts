import type { Disk, DurableList } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import {
  above,
  NO_BALLOT,
  type Answer,
  type Ballot,
  type Promise1,
  type Proposal,
  type Snapshot,
} from './messages.ts';

/** The memory of one node: what it has promised and accepted, and a snapshot in place of what is chosen and applied. */
export class Acceptor {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;
  #kept: Kept;
  #list: DurableList<Proposal>;
  readonly #accepted = new Map<number, Proposal>();

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
    this.#kept = disk.get<Kept>('snapshot') ?? { slots: 0, state: null, list: 0 };
    this.#list = disk.list<Proposal>(`accepted ${this.#kept.list}`);
    for (const proposal of this.#list.items) this.#accepted.set(proposal.slot, proposal);
  }

  get snapshot(): Snapshot {
    return this.#kept;
  }

  get promised(): Ballot {
    return this.#disk.get<Ballot>('promised') ?? NO_BALLOT;
  }

  accepted(slot: number): Proposal | undefined {
    return this.#accepted.get(slot);
  }

  async prepare(ballot: Ballot, from: number): Promise<Promise1> {
    const refused = !(await this.promise(ballot));
    const { snapshot, promised } = this;
    if (refused) return { ok: false, promised, accepted: [], snapshot: null };
    return {
      ok: true,
      promised,
      accepted: [...this.#accepted.values()].filter(({ slot }) => slot >= from),
      snapshot: snapshot.slots >= from ? { slots: snapshot.slots, state: snapshot.state } : null,
    };
  }

  /** P1a: a proposal may be accepted only if nothing above it was promised. */
  async accept({ slot, ballot, command }: Proposal): Promise<Answer> {
    if (above(this.promised, ballot)) return { ok: false, promised: this.promised };
    this.#raise(ballot);
    // What lies before the snapshot is chosen, and whoever proposes there can only propose the same.
    if (slot > this.#kept.slots) {
      const proposal = { slot, ballot, command };
      this.#accepted.set(slot, proposal);
      this.#list.push(proposal);
    }
    await this.#sync();
    return { ok: true, promised: ballot };
  }

  /** Whether nothing above it was promised; from now on, nothing below it is accepted. */
  async promise(ballot: Ballot): Promise<boolean> {
    if (above(this.promised, ballot)) return false;
    this.#raise(ballot);
    await this.#sync();
    return !above(this.promised, ballot);
  }

  /** Let a state stand in for the slots that made it. */
  replace({ slots, state }: Snapshot): void {
    const list = 1 - this.#kept.list;
    const next = this.#disk.list<Proposal>(`accepted ${list}`);
    for (const slot of this.#accepted.keys()) if (slot <= slots) this.#accepted.delete(slot);
    next.truncate(0);
    next.push(...this.#accepted.values());
    this.#kept = { slots, state, list };
    this.#disk.set('snapshot', this.#kept);
    this.#list = next;
  }

  #raise(ballot: Ballot): void {
    if (above(ballot, this.promised)) this.#disk.set('promised', ballot);
  }

  async #sync(): Promise<void> {
    if (this.#bug !== 'ack-before-sync') await this.#disk.sync();
  }
}

interface Kept extends Snapshot {
  readonly list: number;
}

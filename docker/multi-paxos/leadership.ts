import { NotApplied, type Host } from '../kit/kit.ts';
import type { Command } from '../kit/objects.ts';
import type { Acceptor } from './acceptor.ts';
import type { Bug } from './bugs.ts';
import type { Learner } from './learner.ts';
import { above, type Answer, type Ballot, type MultiPaxosMessages, type Promise1 } from './messages.ts';

const BEAT_MS = 50;
const ANSWER_MS = 300;

/** What a leader needs of the node that it is a part of. */
export interface Led {
  readonly host: Host<MultiPaxosMessages>;
  readonly acceptor: Acceptor;
  readonly learner: Learner;
  readonly bug: Bug | undefined;
  /** Somebody has promised a higher ballot: this leadership is over. */
  outbid(promised: Ballot): void;
}

interface Open {
  readonly command: Command;
  readonly accepted: Set<string>;
}

/** One node’s leadership of one ballot: phase 1 is done, for every slot there will ever be, and phase 2 is all that a command takes. */
export class Leadership {
  readonly ballot: Ballot;
  /** The last slot that somebody had accepted something in when it began. */
  readonly recovered: number;
  readonly #led: Led;
  readonly #majority: number;
  readonly #open = new Map<number, Open>();
  #next: number;
  #over = false;
  #round = 0;
  readonly #heard = new Map<string, number>();
  #confirmations: {
    readonly round: number;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor(ballot: Ballot, led: Led, promises: readonly Promise1[]) {
    const { learner, host, bug } = led;
    this.ballot = ballot;
    this.#led = led;
    this.#majority = Math.floor((host.peers.length + 1) / 2) + 1;
    for (const { snapshot } of promises) if (snapshot) learner.install(snapshot);
    const accepted = promises.flatMap((promise) => promise.accepted);
    this.recovered = accepted.reduce((last, { slot }) => Math.max(last, slot), learner.applied);
    this.#next = this.recovered + 1;
    for (let slot = learner.applied + 1; slot <= this.recovered; slot++) {
      // P2c, for each slot: what may have been chosen there is proposed again; where nothing can have been, nothing is.
      const [highest] = accepted
        .filter((proposal) => proposal.slot === slot)
        .toSorted((a, b) => (above(a.ballot, b.ballot) ? -1 : 1));
      const own = bug === 'ignores-accepted' ? led.acceptor.accepted(slot) : highest;
      this.#propose(slot, own?.command ?? { f: 'nothing' });
    }
    this.#beat();
  }

  end(): void {
    this.#over = true;
    for (const { reject } of this.#confirmations.splice(0)) reject(new NotApplied('it lost the lead'));
  }

  /** The slot that a command is proposed in. */
  propose(command: Command): number {
    const slot = this.#next++;
    this.#propose(slot, command);
    return slot;
  }

  /** Resolves once a majority has answered, to something sent after this was called, that nothing above its ballot is promised. */
  confirm(): Promise<void> {
    const round = ++this.#round;
    return new Promise((resolve, reject) => {
      this.#confirmations.push({ round, resolve, reject });
      this.#tellAll();
      this.#settle();
    });
  }

  #propose(slot: number, command: Command): void {
    const open: Open = { command, accepted: new Set() };
    this.#open.set(slot, open);
    void this.#led.acceptor
      .accept({ slot, ballot: this.ballot, command })
      .then((answer) => this.#count(slot, this.#led.host.id, answer));
    for (const peer of this.#led.host.peers) this.#ask(slot, open, peer);
  }

  #ask(slot: number, { command }: Open, peer: string): void {
    const { host, learner } = this.#led;
    const proposal = { slot, ballot: this.ballot, command, chosen: learner.applied };
    host.call(peer, 'accept', proposal, ANSWER_MS).then(
      (answer) => this.#count(slot, peer, answer),
      () => {},
    );
  }

  #count(slot: number, node: string, { ok, promised }: Answer): void {
    if (this.#over) return;
    if (!ok) return this.#led.outbid(promised);
    const open = this.#open.get(slot);
    const needed = this.#led.bug === 'minority-quorum' ? this.#majority - 1 : this.#majority;
    if (!open || open.accepted.add(node).size < needed) return;
    this.#open.delete(slot);
    this.#led.learner.choose(slot, open.command);
  }

  #beat(): void {
    if (this.#over) return;
    this.#tellAll();
    for (const [slot, open] of this.#open)
      for (const peer of this.#led.host.peers) if (!open.accepted.has(peer)) this.#ask(slot, open, peer);
    this.#led.host.clock.after(BEAT_MS, () => this.#beat());
  }

  #tellAll(): void {
    const { host, learner } = this.#led;
    const round = this.#round;
    for (const peer of host.peers)
      host.call(peer, 'lead', { ballot: this.ballot, chosen: learner.applied }, ANSWER_MS).then(
        ({ ok, promised }) => {
          if (this.#over) return;
          if (!ok) return this.#led.outbid(promised);
          this.#heard.set(peer, Math.max(round, this.#heard.get(peer) ?? 0));
          this.#settle();
        },
        () => {},
      );
  }

  #settle(): void {
    const confirmed = ({ round }: { readonly round: number }): boolean =>
      1 + [...this.#heard.values()].filter((heard) => heard >= round).length >= this.#majority;
    const ready = this.#confirmations.filter(confirmed);
    this.#confirmations = this.#confirmations.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }
}

import { NotApplied, Unreachable } from '../kit/kit.ts';
import { Objects, type Command } from '../kit/objects.ts';
import type { Bug } from './bugs.ts';
import type { Log, Snapshot } from './log.ts';

/** After so many applied entries the log is replaced by a snapshot. Low, so that a short test sees many. */
const SNAPSHOT_ENTRIES = 128;

/** The committed part of the log, applied to the state in order, and whoever waits for that. */
export class Replica {
  readonly state = new Objects();
  readonly #log: Log;
  readonly #bug: Bug | undefined;
  #commit: number;
  #applied: number;
  readonly #proposals = new Map<number, Proposal>();
  #readers: { readonly index: number; readonly wake: () => void }[] = [];

  constructor(log: Log, bug: Bug | undefined) {
    this.#log = log;
    this.#bug = bug;
    this.state.load(log.snapshot.state);
    this.#commit = this.#applied = log.base;
  }

  /** Up to here, a majority has the log: it will never change. */
  get commit(): number {
    return this.#commit;
  }

  /** What the command proposed at `index` gave, once it is applied; refused, once another took its place. */
  outcome(index: number, term: number): Promise<unknown> {
    return new Promise((settle, refuse) => this.#proposals.set(index, { term, settle, refuse }));
  }

  /** Resolves when the state holds everything up to `index`. */
  reached(index: number): Promise<void> {
    if (this.#applied >= index) return Promise.resolve();
    return new Promise((wake) => this.#readers.push({ index, wake }));
  }

  commitTo(index: number): void {
    if (index <= this.#commit) return;
    this.#commit = index;
    while (this.#applied < index) {
      const { term, command } = this.#log.entry(++this.#applied);
      this.#settle(this.#applied, term, command);
      if (this.#applied - this.#log.base >= SNAPSHOT_ENTRIES) this.#compact();
    }
    this.#wakeReaders();
  }

  /** Take over another node's snapshot. What was proposed here and lies within it may have happened, or not. */
  install(snapshot: Snapshot): void {
    this.#log.replace(snapshot);
    this.state.load(snapshot.state);
    this.#commit = this.#applied = snapshot.index;
    for (const [index, { refuse }] of this.#proposals) {
      if (index > snapshot.index) continue;
      this.#proposals.delete(index);
      refuse(new Unreachable('a snapshot passed it over'));
    }
    this.#wakeReaders();
  }

  #settle(index: number, term: number, command: Command): void {
    const result = this.state.apply(command);
    const proposal = this.#proposals.get(index);
    if (!proposal) return;
    this.#proposals.delete(index);
    if (proposal.term === term) proposal.settle(result);
    else proposal.refuse(new NotApplied('another leader put something else in its place'));
  }

  #compact(): void {
    const index = this.#bug === 'snapshot-loses-tail' ? this.#log.last : this.#applied;
    const term = this.#log.termAt(index) ?? 0;
    this.#log.replace({ index, term, state: this.state.save() });
    this.#applied = index;
    this.#commit = Math.max(this.#commit, index);
  }

  #wakeReaders(): void {
    const ready = this.#readers.filter(({ index }) => index <= this.#applied);
    if (ready.length === 0) return;
    this.#readers = this.#readers.filter(({ index }) => index > this.#applied);
    for (const { wake } of ready) wake();
  }
}

interface Proposal {
  readonly term: number;
  readonly settle: (result: unknown) => void;
  readonly refuse: (error: Error) => void;
}

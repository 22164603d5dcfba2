import { Unreachable } from '../kit/kit.ts';
import { Objects, type Command } from '../kit/objects.ts';
import type { Acceptor } from './acceptor.ts';
import type { Snapshot } from './messages.ts';

/** After so many applied slots a snapshot takes their place. Low, so that a short test sees many. */
const SNAPSHOT_SLOTS = 128;

/** What is chosen, applied to the objects slot by slot, and whoever waits for that. */
export class Learner {
  readonly objects = new Objects();
  readonly #acceptor: Acceptor;
  readonly #chosen = new Map<number, Command>();
  #applied: number;
  readonly #outcomes = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  #waiting: { readonly slot: number; readonly wake: () => void }[] = [];

  constructor(acceptor: Acceptor) {
    this.#acceptor = acceptor;
    const { slots, state } = acceptor.snapshot;
    this.objects.load(state);
    this.#applied = slots;
  }

  /** Every slot up to here is chosen, and applied. */
  get applied(): number {
    return this.#applied;
  }

  knows(slot: number): boolean {
    return slot <= this.#applied || this.#chosen.has(slot);
  }

  choose(slot: number, command: Command): void {
    if (this.knows(slot)) return;
    this.#chosen.set(slot, command);
    for (let next = this.#chosen.get(this.#applied + 1); next; next = this.#chosen.get(this.#applied + 1)) {
      const result = this.objects.apply(next);
      this.#applied++;
      this.#outcomes.get(this.#applied)?.resolve(result);
      this.#outcomes.delete(this.#applied);
      if (this.#applied - this.#acceptor.snapshot.slots >= SNAPSHOT_SLOTS) this.#compact();
    }
    this.#wake();
  }

  install(snapshot: Snapshot): void {
    if (snapshot.slots <= this.#applied) return;
    this.objects.load(snapshot.state);
    this.#applied = snapshot.slots;
    this.#acceptor.replace(snapshot);
    for (const [slot, { reject }] of this.#outcomes)
      if (slot <= this.#applied) {
        this.#outcomes.delete(slot);
        reject(new Unreachable('a snapshot passed it over'));
      }
    this.#forget();
    this.#wake();
  }

  /** What was chosen from this slot on, one by one; undefined where a snapshot has taken its place. */
  from(slot: number): Command[] | undefined {
    if (slot <= this.#acceptor.snapshot.slots) return undefined;
    const commands: Command[] = [];
    for (let at = slot; at <= this.#applied; at++) commands.push(this.#chosen.get(at) as Command);
    return commands;
  }

  /** What the command in this slot gave, once it is applied here. */
  outcome(slot: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#outcomes.set(slot, { resolve, reject }));
  }

  /** Nobody knows what will be in the slots that somebody waits for. */
  giveUp(): void {
    for (const { reject } of this.#outcomes.values()) reject(new Unreachable('it lost the lead meanwhile'));
    this.#outcomes.clear();
  }

  reached(slot: number): Promise<void> {
    if (this.#applied >= slot) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push({ slot, wake }));
  }

  #compact(): void {
    this.#acceptor.replace({ slots: this.#applied, state: this.objects.save() });
    this.#forget();
  }

  #forget(): void {
    for (const slot of this.#chosen.keys())
      if (slot <= this.#acceptor.snapshot.slots) this.#chosen.delete(slot);
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ slot }) => slot <= this.#applied);
    this.#waiting = this.#waiting.filter(({ slot }) => slot > this.#applied);
    for (const { wake } of ready) wake();
  }
}

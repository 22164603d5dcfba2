import { BentClock } from '../../../harness/bent-clock.ts';
import type { Ahead, ClockName, Skew } from '../../../harness/clock.ts';
import type { Random } from '../../../harness/random.ts';
import type { Messages, Node, Status } from '../kit.ts';
import type { Surroundings } from './surroundings.ts';

/** A machine: it holds a disk and a clock and, while it is up, a node. */
export class Machine {
  readonly id: string;
  readonly around: Surroundings;
  readonly random: Random;
  /** Counts starts and deaths: whatever was begun in another life is dropped. */
  life = 0;
  up = false;
  status: Status | undefined;
  node: Node<Messages, Messages> | undefined;
  readonly disk: { records: string[]; durable: number } = { records: [], durable: 0 };
  /** What arrives or falls due while it is paused. */
  #missed: (() => void)[] | undefined;
  /** What arrives before its node's `start` is through. */
  #early: (() => void)[] | undefined;
  #mourners = new Set<() => void>();
  readonly #make: (machine: Machine) => Node<Messages, Messages>;
  readonly #clocks: Readonly<Record<ClockName, BentClock>> = {
    wall: new BentClock(),
    monotonic: new BentClock(),
  };

  constructor(around: Surroundings, id: string, make: (machine: Machine) => Node<Messages, Messages>) {
    this.around = around;
    this.id = id;
    this.#make = make;
    this.random = around.random.fork(`machine ${id}`);
  }

  get paused(): boolean {
    return this.#missed !== undefined;
  }

  start(): void {
    if (this.up) return;
    this.up = true;
    this.life++;
    this.status = undefined;
    const node = this.#make(this);
    this.node = node;
    this.around.note(`start ${this.id}`);
    this.#early = [];
    const { life } = this;
    this.run(() => node.start()).then(
      () => {
        if (this.life === life) this.#listen();
      },
      () => this.kill(),
    );
  }

  /** As power failures do: of what was not synced, some prefix remains. */
  kill(): void {
    if (!this.up) return;
    const { disk } = this;
    disk.records.length = disk.durable + this.random.below(disk.records.length - disk.durable + 1);
    disk.durable = disk.records.length;
    this.up = false;
    this.life++;
    this.node = undefined;
    this.status = undefined;
    this.#missed = undefined;
    this.#early = undefined;
    const mourners = this.#mourners;
    this.#mourners = new Set();
    for (const mourn of mourners) mourn();
    this.around.note(`kill ${this.id}`);
  }

  pause(): void {
    if (this.up) this.#missed ??= [];
  }

  resume(): void {
    const missed = this.#missed ?? [];
    this.#missed = undefined;
    for (const run of missed) this.around.after(0, () => this.whenAwake(run));
  }

  /** Timers go by the monotonic clock: it is the machine's heart that beats fast or slow. */
  skew(clock: ClockName, skew: Skew): void {
    this.#clocks[clock].skew(skew, this.around.now);
  }

  ahead(clock: ClockName): Ahead {
    const { now } = this.around;
    return { aheadMs: this.#clocks[clock].shown(now) - now, atMs: now };
  }

  monotonic(): number {
    return this.#clocks.monotonic.shown(this.around.now);
  }

  wall(): number {
    return 1_700_000_000_000 + this.#clocks.wall.shown(this.around.now);
  }

  /** Now, or when it is resumed; never if it dies before. */
  whenAwake(run: () => void): void {
    if (this.#missed) this.#missed.push(run);
    else run();
  }

  /** A message's turn: once its node's `start` is through, and it is awake. */
  whenListening(run: () => void): void {
    if (this.#early) this.#early.push(run);
    else this.whenAwake(run);
  }

  #listen(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const run of early) this.whenAwake(run);
  }

  /** In this life, after `ms` on this machine's own clock, and not while it is paused. */
  later(ms: number, run: () => void): void {
    const { life } = this;
    this.around.after(ms / this.#clocks.monotonic.rate, () =>
      this.whenAwake(() => {
        if (this.life === life) run();
      }),
    );
  }

  /** Call `then` should it die; returns the way to stop waiting for that. */
  onDeath(then: () => void): () => void {
    this.#mourners.add(then);
    return () => this.#mourners.delete(then);
  }

  /** Run some of its node's code. What that throws by mistake is a finding of its own. */
  async run<T>(code: () => T | Promise<T>): Promise<T> {
    try {
      return await code();
    } catch (error) {
      this.around.thrown(this.id, error);
      throw error;
    }
  }
}

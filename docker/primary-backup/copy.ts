import type { Disk, DurableList } from '../kit/kit.ts';
import { Objects, type Command } from '../kit/objects.ts';
import type { Position } from './messages.ts';

/** So many commands are kept one by one, for backups that lag a little; one that lags more is sent the state. */
const KEPT = 256;

/** One node's copy of everything: a state, and the commands since, on the disk. What is in it may not be durable yet. */
export class Copy {
  readonly objects = new Objects();
  readonly #disk: Disk;
  #base: Base;
  #since: DurableList<Command>;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#base = disk.get<Base>('copy') ?? { epoch: 0, length: 0, state: null, list: 0 };
    this.#since = disk.list<Command>(`commands ${this.#base.list}`);
    this.objects.load(this.#base.state);
    for (const command of this.#since.items) this.objects.apply(command);
  }

  get position(): Position {
    return { epoch: this.#base.epoch, length: this.#base.length + this.#since.items.length };
  }

  /** What follows the first `after` commands; undefined where that is not known one by one any more. */
  since(after: number): readonly Command[] | undefined {
    return after < this.#base.length ? undefined : this.#since.items.slice(after - this.#base.length);
  }

  apply(command: Command): unknown {
    this.#since.push(command);
    const result = this.objects.apply(command);
    const { epoch, length } = this.position;
    if (this.#since.items.length >= KEPT) this.become({ epoch, length, state: this.objects.save() });
    return result;
  }

  /** Hold this and nothing else. Either all of it is on the disk after a crash, or all of what was there before. */
  become(whole: Position & { readonly state: unknown }): void {
    const { epoch, length, state } = whole;
    const list = 1 - this.#base.list;
    const next = this.#disk.list<Command>(`commands ${list}`);
    next.truncate(0);
    this.#base = { epoch, length, state, list };
    this.#disk.set('copy', this.#base);
    this.#since = next;
    this.objects.load(state);
  }
}

interface Base extends Position {
  readonly state: unknown;
  /** Which of two lists has the commands since. */
  readonly list: number;
}

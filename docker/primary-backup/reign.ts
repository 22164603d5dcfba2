import { Unreachable, type Host, type Key } from '../kit/kit.ts';
import type { Command } from '../kit/objects.ts';
import type { Bug } from './bugs.ts';
import type { Copy } from './copy.ts';
import type { BackupMessages, Kept, View } from './messages.ts';
import { DEAD_MS } from './view-service.ts';

const BEAT_MS = 50;
const ANSWER_MS = 300;
const BATCH = 64;

interface Backup {
  readonly id: string;
  /** How many commands it is known to hold, of this reign; −1 before it holds the state at all. */
  held: number;
  /** Since the order was so long, nothing is confirmed without it. Infinity before it holds the state at all. */
  countsSince: number;
  busy: boolean;
  again: boolean;
  /** The last round that it answered, and when. */
  round: number;
  heardAt: number;
}

interface Waiting {
  readonly length: number;
  readonly round: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** One node being primary: it orders what clients ask, and makes the backups hold it. */
export class Reign {
  readonly epoch: number;
  readonly #host: Host<BackupMessages>;
  readonly #copy: Copy;
  readonly #bug: Bug | undefined;
  /** Called when a backup knows of a newer view. */
  readonly #outdated: () => void;
  #view: View;
  #backups: readonly Backup[] = [];
  /** How long the order was when it began, and after the last change of each key since. */
  readonly #began: number;
  readonly #changed = new Map<Key, number>();
  #own = 0;
  #round = 0;
  #over = false;
  #waiting: Waiting[] = [];

  constructor(
    host: Host<BackupMessages>,
    copy: Copy,
    view: View,
    { bug, outdated }: { readonly bug: Bug | undefined; readonly outdated: () => void },
  ) {
    this.#host = host;
    this.#copy = copy;
    this.#bug = bug;
    this.#outdated = outdated;
    this.#view = view;
    this.epoch = view.epoch;
    const { length } = copy.position;
    this.#began = length;
    copy.become({ epoch: view.epoch, length, state: copy.objects.save() });
    this.adopt(view);
    this.#beat();
  }

  /** A later view of the same reign: backups come and go. */
  adopt(view: View): void {
    this.#view = view;
    this.#backups = view.backups.map(
      (id) =>
        this.#backups.find((known) => known.id === id) ?? {
          id,
          held: -1,
          countsSince: Infinity,
          busy: false,
          again: false,
          round: 0,
          heardAt: this.#host.clock.monotonic(),
        },
    );
    this.#settle();
    this.#tellAll();
  }

  /**
   * The number of this view, once every backup in it counts, and holds whatever was confirmed before it did; 0 before that. From
   * when the view service hears of it, it may promote any of them.
   */
  acknowledges(): number {
    const ready = ({ held, countsSince }: Backup): boolean =>
      held >= countsSince || this.#bug === 'acknowledges-early';
    return this.#backups.every(ready) ? this.#view.number : 0;
  }

  silent(): string[] {
    const now = this.#host.clock.monotonic();
    return this.#backups.filter(({ heardAt }) => now - heardAt > DEAD_MS).map(({ id }) => id);
  }

  /** Put a command into the order, and let the backups know. Answers what it gave. */
  order(command: Command): unknown {
    const result = this.#copy.apply(command);
    if ('key' in command) this.#changed.set(command.key, this.#copy.position.length);
    void this.#durable();
    this.#tellAll();
    return result;
  }

  /**
   * Resolves once every backup holds what is ordered by now, on its disk, and has said so to something that was sent after
   * this was called: so this node is still the primary.
   */
  confirmed(): Promise<void> {
    return this.#wait(this.#copy.position.length, ++this.#round);
  }

  /** Resolves once every backup holds the last change of this key that is ordered by now. */
  held(key: Key): Promise<void> {
    return this.#wait(this.#changed.get(key) ?? this.#began, 0);
  }

  #wait(length: number, round: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ length, round, resolve, reject });
      void this.#durable();
      this.#tellAll();
    });
  }

  end(): void {
    this.#over = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Unreachable('it was deposed meanwhile'));
  }

  async #durable(): Promise<void> {
    const { length } = this.#copy.position;
    if (this.#bug !== 'ack-before-sync') await this.#host.disk.sync();
    this.#own = Math.max(this.#own, length);
    this.#settle();
  }

  #beat(): void {
    if (this.#over) return;
    this.#tellAll();
    this.#host.clock.after(BEAT_MS, () => this.#beat());
  }

  #tellAll(): void {
    for (const backup of this.#backups) {
      if (backup.busy) backup.again = true;
      else void this.#tell(backup);
    }
  }

  /** One that does not answer is left to the next beat. */
  async #tell(backup: Backup): Promise<void> {
    backup.busy = true;
    try {
      do {
        backup.again = false;
        const round = this.#round;
        const kept = await this.#send(backup);
        if (this.#over) return;
        if (kept.as === 'fenced') {
          // It may still be the primary in that view, and will hear of it.
          backup.again ||= kept.view <= this.#view.number;
          if (kept.view > this.#view.number) this.#outdated();
          continue;
        }
        backup.heardAt = this.#host.clock.monotonic();
        if (kept.as === 'gap') backup.held = -1;
        else {
          backup.held = kept.length;
          backup.countsSince = Math.min(backup.countsSince, this.#copy.position.length);
          backup.round = round;
          this.#settle();
        }
        backup.again ||= backup.held < this.#copy.position.length;
      } while (backup.again);
    } catch {
      // Unreachable. Whether it heard, its next answer will tell.
    } finally {
      backup.busy = false;
    }
  }

  #send({ id, held }: Backup): Promise<Kept> {
    const { number: view, epoch } = this.#view;
    const commands = held < 0 ? undefined : this.#copy.since(held)?.slice(0, BATCH);
    if (commands) return this.#host.call(id, 'update', { view, epoch, after: held, commands }, ANSWER_MS);
    const whole = { ...this.#copy.position, state: this.#copy.objects.save() };
    return this.#host.call(id, 'install', { view, ...whole }, ANSWER_MS);
  }

  #settle(): void {
    const counted = this.#backups.filter(({ countsSince }) => countsSince < Infinity);
    const done = ({ length, round }: Waiting): boolean =>
      this.#own >= length && counted.every((backup) => backup.held >= length && backup.round >= round);
    const ready = this.#waiting.filter(done);
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }
}

import type { Disk, DurableList, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { Digest, Update } from './messages.ts';

/** Everything that a node has heard, on its disk, by who broadcast it. */
export class Heard {
  readonly #list: DurableList<Update>;
  readonly #bug: Bug | undefined;
  readonly #origins = new Map<string, Origin>();
  readonly #topics = new Map<Key, number[]>();

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#list = disk.list<Update>('updates');
    this.#bug = bug;
    for (const update of this.#list.items) this.note(update);
  }

  /** Whether it was news. */
  hear(update: Update): boolean {
    if (this.#origins.get(update.origin)?.updates.has(update.number)) return false;
    this.keep(update);
    this.note(update);
    return true;
  }

  /** Write it to the disk, and tell nobody yet. */
  keep(update: Update): void {
    this.#list.push(update);
  }

  digest(): Digest {
    return Object.fromEntries(
      [...this.#origins].map(([origin, { upTo, highest }]) => [
        origin,
        this.#bug === 'digest-of-highest' ? highest : upTo,
      ]),
    );
  }

  /** What is here and lies beyond a digest. */
  beyond(digest: Digest): Update[] {
    return [...this.#origins].flatMap(([origin, { updates, highest }]) => {
      const from = digest[origin] ?? 0;
      if (from >= highest) return [];
      return [...updates.values()].filter(({ number }) => number > from);
    });
  }

  values(topic: Key): readonly number[] {
    return this.#topics.get(topic) ?? [];
  }

  /** The highest number of this origin. */
  highest(origin: string): number {
    return this.#origins.get(origin)?.highest ?? 0;
  }

  /** From now on it is heard, and told. */
  note(update: Update): void {
    const { origin, number, topic, value } = update;
    const from = this.#origins.get(origin) ?? { updates: new Map<number, Update>(), upTo: 0, highest: 0 };
    this.#origins.set(origin, from);
    from.updates.set(number, update);
    from.highest = Math.max(from.highest, number);
    while (from.updates.has(from.upTo + 1)) from.upTo++;
    const values = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, values);
    values.push(value);
  }
}

interface Origin {
  readonly updates: Map<number, Update>;
  /** Everything up to here was heard. */
  upTo: number;
  highest: number;
}

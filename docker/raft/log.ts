import type { Disk, DurableList } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { Entry } from './messages.ts';

/**
 * The log: a snapshot of what the first {@link Log.base} entries did, and the entries after it.
 *
 * ```
 *   1 … base | base+1 … last
 *   snapshot | items of a list on the disk
 * ```
 *
 * A new snapshot also begins a new list, and the record that holds the snapshot names the list: so the two change
 * together, whatever a crash leaves of the journal. There are two lists, and they take turns.
 */
export class Log {
  readonly #disk: Disk;
  readonly #bug: Bug | undefined;
  #stored: Stored;
  #list: DurableList<Entry>;

  constructor(disk: Disk, bug: Bug | undefined) {
    this.#disk = disk;
    this.#bug = bug;
    this.#stored = disk.get<Stored>('snapshot') ?? { index: 0, term: 0, state: null, list: 0 };
    this.#list = disk.list(`log ${this.#stored.list}`);
  }

  get snapshot(): Snapshot {
    return this.#stored;
  }

  get base(): number {
    return this.#stored.index;
  }

  get last(): number {
    return this.base + this.#list.items.length;
  }

  /** Undefined where the log does not reach, or no longer. */
  termAt(index: number): number | undefined {
    if (index === this.base) return this.#stored.term;
    return this.#list.items[index - this.base - 1]?.term;
  }

  /** Of an entry that is known to be there. */
  entry(index: number): Entry {
    const entry = this.#list.items[index - this.base - 1];
    if (!entry) throw new RangeError(`no entry ${index} between ${this.base} and ${this.last}`);
    return entry;
  }

  from(index: number, limit: number): readonly Entry[] {
    const start = index - this.base - 1;
    return this.#list.items.slice(start, start + limit);
  }

  append(entry: Entry): number {
    this.#list.push(entry);
    return this.last;
  }

  /** Take over a leader's entries after `prevIndex`. Where one conflicts, it and all that follow give way; what agrees stays. */
  merge(prevIndex: number, entries: readonly Entry[]): void {
    for (const [i, entry] of entries.entries()) {
      const index = prevIndex + 1 + i;
      if (index <= this.base) continue;
      if (index <= this.last) {
        if (this.#holds(index, entry)) continue;
        if (this.#bug !== 'no-truncate') this.#list.truncate(index - this.base - 1);
      }
      this.#list.push(entry);
    }
  }

  /** A place and a term are enough to know an entry: a leader puts one there, once. Unless logs were let go astray. */
  #holds(index: number, entry: Entry): boolean {
    if (this.#bug !== 'no-truncate') return this.termAt(index) === entry.term;
    return JSON.stringify(this.entry(index)) === JSON.stringify(entry);
  }

  /** Let `state`, what the entries up to `index` did, stand in for them. What follows them stays if it follows on. */
  replace(snapshot: Snapshot): void {
    const { index, term, state } = snapshot;
    const kept = this.termAt(index) === term ? this.from(index + 1, Infinity) : [];
    const list = 1 - this.#stored.list;
    const next = this.#disk.list<Entry>(`log ${list}`);
    next.truncate(0);
    next.push(...kept);
    this.#stored = { index, term, state, list };
    this.#disk.set('snapshot', this.#stored);
    this.#list.truncate(0);
    this.#list = next;
  }
}

export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly state: unknown;
}

interface Stored extends Snapshot {
  readonly list: number;
}

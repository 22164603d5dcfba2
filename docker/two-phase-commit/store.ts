import type { Disk, Key } from '../kit/kit.ts';
import type { Decision, Transaction } from './messages.ts';

type Record =
  | { readonly kind: 'yes'; readonly id: Key; readonly before: number | null; readonly after: number }
  | { readonly kind: Decision; readonly id: Key };

/** `prepared`: it voted yes and does not know what came of it. */
export type State = 'unknown' | 'prepared' | Decision;

/**
 * One participant's data, with an undo/redo log beside them.
 *
 * A transaction's value goes to its place when it is prepared, not when it commits, as in a database that may write pages
 * out at any time. So the log's record of the yes holds both images: `before`, to undo an abort, and `after`, to redo a
 * commit whose page was lost. The log is written before the page, and a journal keeps that order through a crash.
 */
export class Store {
  readonly #disk: Disk;
  readonly #undoes: boolean;
  readonly #states = new Map<Key, State>();
  /** Of those that are prepared. */
  readonly #before = new Map<Key, number | null>();

  /** `undoes`: whether what was prepared in an earlier life is undone when it is aborted. */
  constructor(disk: Disk, undoes = true) {
    this.#disk = disk;
    this.#undoes = undoes;
  }

  /** Restart: redo what was committed, undo what was aborted. Returns the transactions that are in doubt. */
  recover(): readonly Key[] {
    const log = this.#disk.list<Record>('log').items;
    for (const record of log) this.#states.set(record.id, record.kind === 'yes' ? 'prepared' : record.kind);
    for (const record of log) {
      if (record.kind !== 'yes') continue;
      const state = this.#states.get(record.id);
      if (state === 'commit') this.#write(record.id, record.after);
      else if (state === 'abort') this.#write(record.id, record.before);
      else if (this.#undoes) this.#before.set(record.id, record.before);
    }
    return [...this.#states].flatMap(([id, state]) => (state === 'prepared' ? [id] : []));
  }

  state(id: Key): State {
    return this.#states.get(id) ?? 'unknown';
  }

  /** What a reader sees: nothing of a transaction that is still open. */
  read(id: Key): number | null {
    return this.state(id) === 'prepared' ? null : (this.#disk.get<number | null>(`data ${id}`) ?? null);
  }

  prepare({ id, value }: Transaction): void {
    const before = this.read(id);
    this.#disk.list<Record>('log').push({ kind: 'yes', id, before, after: value });
    this.#states.set(id, 'prepared');
    this.#before.set(id, before);
    this.#write(id, value);
  }

  decide(id: Key, decision: Decision): void {
    this.#disk.list<Record>('log').push({ kind: decision, id });
    this.#states.set(id, decision);
    const before = this.#before.get(id);
    this.#before.delete(id);
    if (decision === 'abort' && before !== undefined) this.#write(id, before);
  }

  #write(id: Key, value: number | null): void {
    this.#disk.set(`data ${id}`, value);
  }
}

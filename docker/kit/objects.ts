import type { Key } from './kit.ts';
import { acquire, grantOf, holds, NEVER_HELD, type LeasedLock } from './leased-lock.ts';

/** What a replicated log orders, whatever the protocol. `nothing` is what a leader begins its term with. */
export type Command =
  | { readonly f: 'nothing' }
  | { readonly f: 'write'; readonly key: Key; readonly value: number }
  | { readonly f: 'cas'; readonly key: Key; readonly value: readonly [from: number, to: number] }
  | { readonly f: 'add'; readonly key: Key; readonly value: number }
  | { readonly f: 'txn'; readonly value: readonly Step[] }
  | { readonly f: 'enqueue'; readonly key: Key; readonly value: number }
  | { readonly f: 'dequeue'; readonly key: Key }
  | { readonly f: 'acquire'; readonly key: Key; readonly at: number }
  | { readonly f: 'use'; readonly key: Key; readonly token: number | null; readonly at: number }
  | { readonly f: 'release'; readonly key: Key; readonly token: number | null };

/** A step of a transaction over lists. A read goes in with null. */
export type Step =
  | readonly [f: 'r', key: Key, list: readonly number[] | null]
  | readonly [f: 'append', key: Key, element: number];

interface Saved {
  readonly lists: readonly (readonly [Key, readonly number[]])[];
  readonly registers: readonly (readonly [Key, number])[];
  readonly sets: readonly (readonly [Key, readonly number[]])[];
  readonly queues: readonly (readonly [Key, readonly number[]])[];
  readonly locks: readonly (readonly [Key, LeasedLock])[];
}

/** What a log's commands act on: registers, sets, lists, queues and locks, by key. Every node that applies the same log has the same. */
export class Objects {
  readonly #registers = new Map<Key, number>();
  readonly #sets = new Map<Key, Set<number>>();
  readonly #lists = new Map<Key, readonly number[]>();
  readonly #locks = new Map<Key, LeasedLock>();
  readonly #queues = new Map<Key, readonly number[]>();

  apply(command: Command): unknown {
    switch (command.f) {
      case 'nothing':
        return null;
      case 'write':
        this.#registers.set(command.key, command.value);
        return null;
      case 'cas': {
        const [from, to] = command.value;
        if (this.read(command.key) !== from) return false;
        this.#registers.set(command.key, to);
        return true;
      }
      case 'add': {
        const set = this.#sets.get(command.key) ?? new Set();
        this.#sets.set(command.key, set.add(command.value));
        return null;
      }
      case 'txn':
        return this.transact(command.value);
      case 'enqueue':
        this.#queues.set(command.key, [...(this.#queues.get(command.key) ?? []), command.value]);
        return null;
      case 'dequeue': {
        const [first = null, ...others] = this.#queues.get(command.key) ?? [];
        this.#queues.set(command.key, others);
        return first;
      }
      case 'acquire': {
        const granted = acquire(this.#lock(command.key), command.at);
        if (!granted) return false;
        this.#locks.set(command.key, granted);
        return grantOf(granted);
      }
      case 'use':
        return holds(this.#lock(command.key), command.token, command.at);
      case 'release': {
        const lock = this.#lock(command.key);
        if (command.token !== lock.token || lock.until === NEVER_HELD.until) return false;
        this.#locks.set(command.key, { ...lock, until: NEVER_HELD.until });
        return true;
      }
    }
  }

  /** All of the steps at once; reads come back with what they found, also of what the same transaction appended. */
  transact(steps: readonly Step[]): readonly Step[] {
    return steps.map((step): Step => {
      const [f, key] = step;
      const list = this.#lists.get(key) ?? [];
      if (f === 'r') return ['r', key, list];
      this.#lists.set(key, [...list, step[2]]);
      return step;
    });
  }

  #lock(key: Key): LeasedLock {
    return this.#locks.get(key) ?? NEVER_HELD;
  }

  read(key: Key): number | null {
    return this.#registers.get(key) ?? null;
  }

  elements(key: Key): readonly number[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  save(): Saved {
    return {
      registers: [...this.#registers],
      lists: [...this.#lists],
      queues: [...this.#queues],
      locks: [...this.#locks],
      sets: [...this.#sets].map(([key, elements]) => [key, [...elements]] as const),
    };
  }

  /** Forget everything, and be what `save` gave once. */
  load(saved: unknown): void {
    this.#registers.clear();
    this.#sets.clear();
    this.#lists.clear();
    this.#queues.clear();
    this.#locks.clear();
    if (saved === null) return;
    const { registers, sets, lists, queues, locks } = saved as Saved;
    for (const [key, value] of registers) this.#registers.set(key, value);
    for (const [key, list] of lists) this.#lists.set(key, list);
    for (const [key, lock] of locks) this.#locks.set(key, lock);
    for (const [key, elements] of queues) this.#queues.set(key, elements);
    for (const [key, elements] of sets) this.#sets.set(key, new Set(elements));
  }
}

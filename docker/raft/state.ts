import type { Key } from '../kit/kit.ts';
import type { Command } from './messages.ts';

interface Saved {
  readonly registers: readonly (readonly [Key, number])[];
  readonly sets: readonly (readonly [Key, readonly number[]])[];
}

/** What the log's commands act on: registers and sets, by key. Every node that applies the same log has the same. */
export class State {
  readonly #registers = new Map<Key, number>();
  readonly #sets = new Map<Key, Set<number>>();

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
    }
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
      sets: [...this.#sets].map(([key, elements]) => [key, [...elements]] as const),
    };
  }

  /** Forget everything, and be what `save` gave once. */
  load(saved: unknown): void {
    this.#registers.clear();
    this.#sets.clear();
    if (saved === null) return;
    const { registers, sets } = saved as Saved;
    for (const [key, value] of registers) this.#registers.set(key, value);
    for (const [key, elements] of sets) this.#sets.set(key, new Set(elements));
  }
}

import { NotApplied, type Key } from './kit.ts';
import type { Command, Objects, Step } from './objects.ts';

/** The operations of the workloads `register`, `set`, `list-append` and `queue`. */
export type ObjectOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  cas: { in: readonly [from: number, to: number]; out: boolean };
  add: { in: number; out: void };
  'set.read': { in: void; out: readonly number[] };
  txn: { in: readonly Step[]; out: readonly Step[] };
  enqueue: { in: number; out: void };
  dequeue: { in: void; out: number | null };
};

/** How a protocol that orders commands answers clients. */
export interface Ordering {
  /** Order a command, and answer what it gave once it is applied. */
  change(command: Command): Promise<unknown>;
  /** The objects, once they hold whatever a read that begins now must see. */
  upToDate(): Promise<Objects>;
}

/** A node’s `client`, of how it orders. Input of a stranger’s making is refused. */
export function objectClient({ change, upToDate }: Ordering): {
  readonly [F in keyof ObjectOperations]: (
    input: ObjectOperations[F]['in'],
    key: Key,
  ) => Promise<ObjectOperations[F]['out']>;
} {
  return {
    read: async (_, key) => (await upToDate()).read(key),
    'set.read': async (_, key) => (await upToDate()).elements(key),
    write: async (value, key) => {
      if (typeof value !== 'number') throw new NotApplied('write takes a number');
      await change({ f: 'write', key, value });
    },
    add: async (value, key) => {
      if (typeof value !== 'number') throw new NotApplied('add takes a number');
      await change({ f: 'add', key, value });
    },
    enqueue: async (value, key) => {
      if (typeof value !== 'number') throw new NotApplied('enqueue takes a number');
      await change({ f: 'enqueue', key, value });
    },
    dequeue: async (_, key) => (await change({ f: 'dequeue', key })) as number | null,
    cas: async (value, key) => {
      if (!Array.isArray(value) || value.length !== 2) throw new NotApplied('cas takes [from, to]');
      return (await change({ f: 'cas', key, value })) as boolean;
    },
    txn: async (steps) => {
      if (!Array.isArray(steps) || !steps.every(isStep)) throw new NotApplied('txn takes steps on lists');
      if (steps.some(([f]) => f === 'append'))
        return (await change({ f: 'txn', value: steps })) as readonly Step[];
      // What only reads need not be ordered, and all of it is read of one state.
      return (await upToDate()).transact(steps);
    },
  };
}

function isStep(step: Step): boolean {
  return Array.isArray(step) && (step[0] === 'r' || (step[0] === 'append' && typeof step[2] === 'number'));
}

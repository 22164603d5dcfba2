import { NotApplied, type Key } from './kit.ts';
import type { Command, Objects, Step } from './objects.ts';

/** The operations of the workloads `register`, `set`, `list-append`, `queue` and `lock`. */
export type ObjectOperations = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  cas: { in: readonly [from: number, to: number]; out: boolean };
  add: { in: number; out: void };
  'set.read': { in: void; out: readonly number[] };
  txn: { in: readonly Step[]; out: readonly Step[] };
  enqueue: { in: number; out: void };
  dequeue: { in: void; out: number | null };
  acquire: { in: void; out: false | readonly [token: number, leaseMs: number] };
  use: { in: number | null; out: boolean };
  release: { in: number | null; out: boolean };
};

/** How a protocol that orders commands answers clients. */
export interface Ordering {
  /** Order a command, and answer what it gave once it is applied. */
  change(command: Command): Promise<unknown>;
  /** The objects, once they hold whatever a read that begins now must see. */
  upToDate(): Promise<Objects>;
  /** Milliseconds. What a log orders may not look at a clock: when it was proposed is written into it. */
  now(): number;
}

/** A node’s `client`, of how it orders. Input of a stranger’s making is refused. */
export function objectClient({ change, upToDate, now }: Ordering): {
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
    acquire: async (_, key) =>
      (await change({ f: 'acquire', key, at: now() })) as false | readonly [number, number],
    use: async (token, key) => (await change({ f: 'use', key, token, at: now() })) as boolean,
    release: async (token, key) => (await change({ f: 'release', key, token })) as boolean,
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

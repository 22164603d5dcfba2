import type { Key, Operations } from 'knossos-js';
import type { Node } from './runtime.ts';
import type { Settings } from './settings.ts';
import type { Time } from './time.ts';
import type { Workload } from './workload.ts';

/**
 * One process's connection to one node: a method for each operation of a workload.
 *
 * Return the output, and the operation is `ok`. Throw {@link NotApplied}, and it is `fail`.
 * Throw anything else, or outlive the deadline, and it is `info`. A client that is careless
 * about errors makes a run less telling, never wrong.
 */
export type Client<Ops extends Operations> = {
  readonly [F in keyof Ops]: (call: Call<Ops[F]['in']>) => Promise<Ops[F]['out']>;
} & Partial<AsyncDisposable>;

export interface Call<Input = unknown> {
  readonly key: Key;
  readonly value: Input;
  readonly process: number;
  /** Aborted at the deadline. Pass it on, so that no request outlives its operation. */
  readonly signal: AbortSignal;
}

/** The operation did not happen and never will: no leader to take it, a rejected login. */
export class NotApplied extends Error {
  override readonly name = 'NotApplied';
}

/** Where a client is opened, and how. */
export interface Connection {
  readonly node: Node;
  /** All of them, for a client that is told to ask elsewhere. Its own node comes first all the same. */
  readonly nodes: readonly Node[];
  readonly process: number;
  readonly settings: Settings;
  readonly time: Time;
}

/** How a system is used for one workload. Made by {@link clientFor}. */
export interface ClientBinding {
  readonly workload: string;
  open(connection: Connection): Promise<Client<Operations>>;
}

/** Bind a workload to a system: every operation gets a method, and the compiler checks each. */
export function clientFor<Ops extends Operations, Options>(
  workload: Workload<Ops, Options>,
  open: (connection: Connection) => Client<Ops> | Promise<Client<Ops>>,
): ClientBinding {
  // The driver only ever calls a client with operations of the workload that it was bound to.
  return { workload: workload.name, open: open as unknown as ClientBinding['open'] };
}

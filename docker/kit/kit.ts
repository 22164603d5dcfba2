/**
 * # Kit
 *
 * What our own protocol nodes are made of. A node is a plain object, and everything it may touch comes in through its
 * {@link Host}. The same node runs as an operating-system process (`real/`) and under virtual time (`sim/`), and cannot
 * tell which.
 *
 * The one law: **a node awaits nothing but what its host gave it.** Then the order of everything it does follows from
 * the seed. The compiler holds most of it: protocol files are compiled with `types: []`, where there is no `setTimeout`,
 * no `fetch` and no `node:fs` to reach for.
 */

/** What can be asked, by name: what goes in and what comes back. The shape of a workload's operations. All of it plain JSON. */
export type Messages = { readonly [name: string]: { readonly in: unknown; readonly out: unknown } };
export type Key = string | number;
export type Answer<T> = T | Promise<T>;

/** A node: a method for each message of a peer, a method for each operation of a client. */
export interface Node<M extends Messages, Ops extends Messages> {
  /** Once per life, before any message. What `disk` holds is what survived. */
  start(): Answer<void>;
  readonly peer: { readonly [N in keyof M]: (body: M[N]['in'], from: string) => Answer<M[N]['out']> };
  /**
   * Where two workloads have an operation of the same name, a method named `workload.operation` comes before the plain
   * one: `'set.read'` answers the set's reads, and `read` everybody else's.
   */
  readonly client: { readonly [F in keyof Ops]: (input: Ops[F]['in'], key: Key) => Answer<Ops[F]['out']> };
}

export type MakeNode<M extends Messages, Ops extends Messages> = (host: Host<M>) => Node<M, Ops>;

/** What a protocol's file exports as its default. */
export type Protocol<M extends Messages = Messages, Ops extends Messages = Messages> = (
  settings: ProtocolSettings,
) => MakeNode<M, Ops>;

export interface ProtocolSettings {
  readonly options: Readonly<Record<string, string>>;
  /** The mistake to make on purpose, if any. */
  readonly bug: string | undefined;
}

/** The world, as one node sees it. */
export interface Host<M extends Messages = Messages> {
  readonly id: string;
  /** Every other node. */
  readonly peers: readonly string[];
  /**
   * Ask over a reliable, ordered stream (TCP). Calls to one peer arrive in order while the connection lives; one that
   * timed out here may still be carried out there, later. Rejects with {@link Unreachable}, or with the
   * {@link NotApplied} that the peer's method threw.
   */
  call<N extends keyof M & string>(
    to: string,
    name: N,
    body: M[N]['in'],
    withinMs?: number,
  ): Promise<M[N]['out']>;
  /** Send one datagram (UDP): it may be lost, doubled or overtaken, and nothing comes back. */
  cast<N extends keyof M & string>(to: string, name: N, body: M[N]['in']): void;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  /** What this node thinks it is. Whoever looks for leaders reads it, and reports draw it as a lane. */
  report(status: Status): void;
  log(text: string): void;
}

/** Milliseconds. Either clock may be wrong: wall clocks jump, monotonic clocks run fast or slow. */
export interface Clock {
  wall(): number;
  monotonic(): number;
  after(ms: number, then: () => void): Timer;
  sleep(ms: number): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  below(limit: number): number;
}

/**
 * What outlives a crash. Changes are visible at once and durable after {@link Disk.sync}: a crash keeps everything
 * synced and, of the rest, some prefix in the order it was written, over all names together. What is read is a frozen
 * copy of what was written.
 */
export interface Disk {
  get<T>(name: string): T | undefined;
  set(name: string, value: unknown): void;
  list<T>(name: string): DurableList<T>;
  sync(): Promise<void>;
}

export interface DurableList<T> {
  readonly items: readonly T[];
  push(...items: readonly T[]): void;
  /** Keep the first `length` items. */
  truncate(length: number): void;
}

export interface Status {
  /** `leader` is the one word that others understand: faults may aim at whoever says it. */
  readonly role: string;
  readonly term?: number;
  readonly leader?: string;
}

/** It did not happen and never will. `leader` says whom to ask instead. Any other error means: nobody knows. */
export class NotApplied extends Error {
  override readonly name = 'NotApplied';
  readonly leader: string | undefined;

  constructor(message: string, leader?: string) {
    super(message);
    this.leader = leader;
  }
}

/** No answer came, or none that says what happened. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

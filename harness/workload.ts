import type { Checker, History, Key, Operations } from 'knossos-js';
import type { Random } from './random.ts';

/** A way of using a system, and the promises to hold it to. */
export interface Workload<Ops extends Operations, Options = object> {
  readonly name: string;
  /** One line for `labrys list`. */
  readonly about: string;
  readonly defaults: Options;
  /** The operations that change nothing. When one ends badly it is `fail`, which no checker need consider. */
  readonly reads: readonly (keyof Ops & string)[];
  /** What to do while faults come and go. */
  main(options: Options, random: Random): Source<Ops>;
  /** What to do once faults are healed and the cluster has settled: usually, read everything. */
  final?(options: Options, random: Random): Source<Ops>;
  /** The promises. Each is given the whole history and answers for itself. */
  checkers(options: Options): readonly Checker<Ops>[];
  /**
   * What must have happened at least once, or a pass is no pass: `a read overlapped a write`. Each is given
   * the whole history and answers whether it saw it. A run that lacks one is `undecided`.
   */
  sometimes?(options: Options): Readonly<Record<string, (history: History<Ops>) => boolean>>;
}

/** Where operations come from: any iterable of them, or a {@link OperationGenerator} when it must look before it answers. */
export type Source<Ops extends Operations> = Iterable<Invocation<Ops>> | OperationGenerator<Ops>;

/** An operation about to be invoked. */
export type Invocation<Ops extends Operations> = {
  readonly [F in keyof Ops]: { readonly f: F; readonly key?: Key } & (Ops[F]['in'] extends void
    ? { readonly value?: undefined }
    : { readonly value: Ops[F]['in'] });
}[keyof Ops];

/**
 * Decides *what* a process does next. *When* is the phase's business: see {@link Phase}.
 *
 * A generator is asked on behalf of one idle process at a time. It hands over an operation,
 * or says `wait` (nothing for this process just now) or `done` (never again). It takes
 * randomness and time from the turn and never sleeps, so the same seed gives the same
 * operations, and a test can run an hour of it in a millisecond.
 */
export interface OperationGenerator<Ops extends Operations> {
  next(turn: Turn): Invocation<Ops> | 'wait' | 'done';
  /** Told of every invocation and ending, whoever's it was. For "read until one succeeds". */
  observe?(event: Observation<Ops>): void;
}

/** It is this process's turn. */
export interface Turn {
  readonly process: number;
  readonly node: string;
  /** Nanoseconds since the run began. */
  readonly time: number;
  readonly random: Random;
}

export interface Observation<Ops extends Operations> {
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: keyof Ops;
  readonly key?: Key;
  /** The input on `invoke`, the output on `ok`. */
  readonly value?: unknown;
}

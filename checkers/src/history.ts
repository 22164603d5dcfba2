/**
 * # History
 *
 * A history is what a run leaves behind: which operation each process asked for,
 * when, and what came back. Everything else in this package reads one.
 *
 * ```
 * process 0   |── write 1 ──|            |─ read → 1 ─|
 * process 1         |──────── read → null ────────|
 *             └call         └return
 * ```
 *
 * On disk a history is a stream of {@link HistoryEvent}s, one JSON object a line, because a
 * crash must not lose what had already happened. In memory it is a table of
 * {@link Operation}s, one row per call with its return, held in typed arrays, because
 * that is what every checker wants and it is 2.6 times smaller than an array of objects.
 */

/** What an operation acts on. Operations on different keys never affect each other. */
export type Key = string | number;

/**
 * The operations of a workload: for each name, what goes in and what comes back.
 *
 * ```ts
 * type Register = {
 *   read: { in: void; out: number | null };
 *   write: { in: number; out: void };
 * };
 * ```
 */
export type Operations = { readonly [f: string]: { readonly in: unknown; readonly out: unknown } };

/**
 * How an operation ended.
 *
 * - `ok`: it happened, and this is what it returned.
 * - `fail`: it did not happen and never will.
 * - `info`: nobody knows. It may have happened, may happen later, or may never happen.
 *
 * The difference between `fail` and `info` is what makes a verdict trustworthy: calling an
 * unknown outcome `fail` hides bugs and invents others. When in doubt, it is `info`.
 */
export type Outcome = 'ok' | 'fail' | 'info';

/** One line of `history.jsonl`: an operation was invoked, or it ended. */
export interface HistoryEvent<Ops extends Operations = Operations, F extends keyof Ops = keyof Ops> {
  /** Position in the history; events are totally ordered by it, whatever their clocks say. */
  readonly index: number;
  /** Nanoseconds since the run began, on the harness's monotonic clock; NaN in formats without times. */
  readonly time: number;
  /** The single-threaded logical client; a process that ends in `info` is retired. */
  readonly process: number;
  /** The node that the client spoke to, on `invoke`. Reports use it; no verdict depends on it. */
  readonly node?: string;
  readonly type: 'invoke' | Outcome;
  readonly f: F;
  readonly key?: Key;
  /** The input on `invoke`, the output on `ok`, absent otherwise. */
  readonly value?: Ops[F]['in'] | Ops[F]['out'];
  /** Why it failed or why its outcome is unknown, in the system's own words. */
  readonly error?: string;
}

/**
 * The other kind of line in `history.jsonl`: something that happened to the run rather than
 * in it. A fault begins or ends, a phase begins, a node restarts. Checkers may ignore marks;
 * reports shade them behind the operations.
 */
export interface Mark {
  readonly index: number;
  readonly time: number;
  readonly type: 'mark';
  readonly name: string;
  readonly what: string;
  /** The index of the mark this one ends. */
  readonly ends?: number;
  /** The nodes that it concerns. */
  readonly nodes?: readonly string[];
  /** Whatever else a report may want to draw: the shape of a fault, its evidence, a role and a term. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A call and its return, as one row. This is what checkers and people read. */
export type Operation<Ops extends Operations = Operations> = {
  readonly [F in keyof Ops]: {
    readonly id: number;
    readonly process: number;
    /** The node that the client spoke to, where the history says so. */
    readonly node: string | undefined;
    readonly f: F & string;
    readonly key: Key | undefined;
    readonly input: Ops[F]['in'];
    /** Absent unless `outcome` is `ok`. */
    readonly output: Ops[F]['out'] | undefined;
    readonly outcome: Outcome;
    /** Index of the invocation's event. */
    readonly call: number;
    /** Index of the ending's event; `Infinity` while the outcome is unknown. */
    readonly return: number;
    /** Nanoseconds since the run began. `returnTime` is `Infinity` where no ending was written down. */
    readonly callTime: number;
    readonly returnTime: number;
    /** Why it failed or why its outcome is unknown, in the system's own words. */
    readonly error: string | undefined;
  };
}[keyof Ops];

/**
 * A finished history, as a table. Row `i` is operation `i`, in order of call.
 * Read columns in loops that must be fast; call {@link History.operation} everywhere else.
 */
export interface History<Ops extends Operations = Operations> {
  /** How many operations. */
  readonly length: number;
  /** `names[f[i]]` is the name of operation `i`. */
  readonly names: readonly (keyof Ops & string)[];
  readonly f: Uint8Array;
  readonly process: Int32Array;
  /** `keys[key[i]]` is the key of operation `i`; −1 where it has none. */
  readonly keys: readonly Key[];
  readonly key: Int32Array;
  /** 0 `ok`, 1 `fail`, 2 `info`. */
  readonly outcome: Uint8Array;
  readonly call: Int32Array;
  /** `2 ** 31 - 1` where the outcome is unknown, so that plain `<` means "returned before". */
  readonly return: Int32Array;
  /** Nanoseconds since the run began; a return time of `Infinity` means that no ending was written down. */
  readonly callTime: Float64Array;
  readonly returnTime: Float64Array;
  /**
   * What went in and what came out, as codes: a small integer is its own code, anything else is a place in
   * {@link History.values}. `decode` of table/values.ts turns a code back into a value.
   */
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly values: readonly unknown[];
  /** `nodes[node[i]]` is the node that operation `i` spoke to; −1 where the history does not say. */
  readonly nodes: readonly string[];
  readonly node: Int32Array;
  /** `errors[error[i]]` is why operation `i` failed or has no known outcome; −1 where nothing was said. */
  readonly errors: readonly string[];
  readonly error: Int32Array;
  /** In a history that was cut from another (see {@link History.byKey}): the id there of operation `i`. */
  readonly origin?: Int32Array;
  operation(id: number): Operation<Ops>;
  [Symbol.iterator](): Iterator<Operation<Ops>>;
  /** One history per key; together they hold every keyed operation once. */
  byKey(): ReadonlyMap<Key, History<Ops>>;
}

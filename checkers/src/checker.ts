import type { History, HistoryEvent, Key, Mark, Operations } from './history.ts';

/** Decides whether a history keeps one promise. */
export interface Checker<Ops extends Operations = Operations> {
  /** The promise, as people say it: `linearizable`, `read your writes`, `no lost inserts`. */
  readonly name: string;
  check(history: History<Ops>, context: CheckContext): Verdict | Promise<Verdict>;
  /** Judges the same while the history is being made, where that is possible; see `monitor`. */
  monitor?(): Monitor;
}

export interface CheckContext {
  /**
   * When to give up, in milliseconds on {@link CheckContext.now}'s clock. A checker that stops early answers
   * `unknown`, never `true`, and stops within 100 ms of this. (A signal cannot reach a loop that never yields.)
   */
  readonly deadline: number;
  readonly now: () => number;
  /** How many bytes the search may hold before it gives up. */
  readonly memoryBytes: number;
  readonly progress?: (fraction: number) => void;
}

/**
 * What a checker found. A verdict is data: it survives JSON, can be compared with
 * yesterday's, and lets a person see the bug without running anything again.
 */
export interface Verdict {
  readonly checker: string;
  /** `unknown` is no shade of `true`: nothing was proved. */
  readonly valid: boolean | 'unknown';
  /** Why unknown: out of time, out of memory, or too little happened to tell. */
  readonly because?: string;
  /** What the history cannot have come from, strongest last: `['linearizable', 'sequential']`. */
  readonly disproves?: readonly string[];
  readonly anomalies: readonly Anomaly[];
  /** Figures worth a line in the report: operations, states explored, milliseconds. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** How much of what: how stale reads were, how long elements took to be seen everywhere. */
  readonly histograms?: readonly Histogram[];
  /**
   * Why `true` can be believed: for each object the order in which its operations took effect. Anyone can check
   * it against the model in one pass, and `verify` does.
   */
  readonly proof?: readonly Order[];
  /** The verdicts this one was combined from. */
  readonly parts?: readonly Verdict[];
}

/** How many there were of each size. */
export interface Histogram {
  /** What was measured, of what: `versions behind, of reads`. */
  readonly name: string;
  readonly unit: string;
  /** From small to large: how many were at most `upTo`, and more than the bar before allows. */
  readonly bars: readonly { readonly upTo: number; readonly count: number }[];
}

/** Operations of one object in an order that the model allows and that respects real time. */
export interface Order {
  readonly key?: Key;
  /** Ids in the history that was checked. An operation of unknown outcome that is missing never took effect. */
  readonly operations: readonly number[];
}

/** One broken promise, with its evidence. */
export interface Anomaly {
  /** Its name in the literature where it has one: `G1a`, `lost update`, `stale read`. */
  readonly kind: string;
  /** The key it happened on, where operations have keys. */
  readonly key?: Key;
  /**
   * The fewest operations (their ids in the history that was checked) that show it. The set is closed: taken
   * alone it is illegal, whatever else the history holds, so a picture of it is a proof.
   */
  readonly operations: readonly number[];
  /** Why they cannot all be right, in plain words. */
  readonly explanation: string;
  /** The same in one sentence, where the explanation is long. */
  readonly inShort?: string;
  /** Where the operations go round in a circle, each having to come before the next: the steps of that circle, in order. */
  readonly cycle?: readonly Precedence[];
  /** Where promises come in many strengths, the weakest that forbids this. */
  readonly forbiddenBy?: string;
  /** What was promised does not forbid it: it is told because it is there, and proves nothing against the promise. */
  readonly allowed?: true;
}

/** One operation must come before another. */
export interface Precedence {
  /** Ids in the history that was checked. */
  readonly from: number;
  readonly to: number;
  /** In Adya's terms: `ww`, `wr`, `rw`; or `session`, `real time`. */
  readonly kind: string;
  readonly because: string;
}

/** Judges a history while it is being made. */
export interface Monitor {
  /**
   * Takes the next event. Returns the violation if this event completes one; each object is followed up to its first.
   * Anomalies name operations in order of their calls, from 0; whoever leaves some out says which one an `invoke` begins.
   */
  observe(event: HistoryEvent | Mark, operation?: number): Anomaly | undefined;
  /** What is known so far. `true` says that the history as it stands keeps the promise. */
  verdict(): Verdict;
  /** How many things are still remembered, over all keys: what the memory it needs grows with. */
  readonly remembered: number;
}

/** The worst of several verdicts: any `false` makes it false, else any `unknown` makes it unknown, for the first reason that is given. */
export function combine(checker: string, parts: readonly Verdict[]): Verdict {
  const valid = parts.some((part) => part.valid === false)
    ? false
    : parts.every((part) => part.valid === true) || 'unknown';
  const because = parts.find((part) => part.valid === 'unknown' && part.because !== undefined)?.because;
  return {
    checker,
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    anomalies: parts.flatMap((part) => part.anomalies),
    facts: {},
    parts,
  };
}

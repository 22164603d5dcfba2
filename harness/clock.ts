/** A machine has two: the time of day, which may be set, and one that only ever counts up. */
export type ClockName = 'wall' | 'monotonic';

/** What is wrong with a clock. Without anything, it goes on from where it is, as fast as it should. */
export interface Skew {
  /** So far ahead of the truth at first, behind it where negative. Without it, as far as it is by then: nothing jumps. */
  readonly aheadMs?: number;
  /** And further by so much: a jump of a clock that may be wrong already. */
  readonly jumpMs?: number;
  /** Milliseconds that it counts in a true one. Default 1. */
  readonly rate?: number;
  /** Ahead by `byMs` more in every other period of `everyMs`. */
  readonly strobe?: { readonly everyMs: number; readonly byMs: number };
}

/** A clock that tells the truth. A monotonic one that has run ahead would have to go back for that: see {@link steady}. */
export const right: Skew = { aheadMs: 0 };
/** A clock that goes on from where it is. */
export const steady: Skew = {};

/** The clocks of one node, as its processes see them; those of the machine, and of everything else on it, stay as they are. */
export interface NodeClock {
  /**
   * Skew one of them. It holds for the node's processes, for those that they start, and for its next lives. Rejects when
   * it could not be done in every process.
   */
  set(clock: ClockName, skew: Skew): Promise<void>;
  /** What each of its processes would read now, found out by other means than it was set. Of a dead node, nothing. */
  read(): Promise<readonly ClockReading[]>;
}

/** Both clocks of one process. */
export interface ClockReading extends Readonly<Record<ClockName, Ahead>> {
  /** `etcd (812)`. */
  readonly process: string;
}

/** How far a clock was ahead of the truth, in milliseconds. */
export interface Ahead {
  readonly aheadMs: number;
  /** When, by a clock that is right; only differences mean something. */
  readonly atMs: number;
}

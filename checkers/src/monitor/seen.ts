import { canonical } from '../table/values.ts';
import type { Anomaly } from '../checker.ts';
import type { Key, Outcome } from '../history.ts';

/** An operation as far as it has been seen: an {@link Operation} that is still being written. */
export interface Seen {
  readonly id: number;
  readonly process: number;
  readonly node: undefined;
  readonly f: string;
  readonly key: Key | undefined;
  readonly input: unknown;
  /** Once it ended in `ok`. */
  output: unknown;
  /** `info` until it ends, as nobody knows before. */
  outcome: Outcome;
  readonly call: number;
  return: number;
  readonly callTime: number;
  returnTime: number;
  readonly error: undefined;
  /** Whatever its follower keeps with it. */
  note: unknown;
}

/**
 * Follows the operations of one object, or of all of them, as they are called and end. Each method returns the violation
 * that this step completes, after which nobody asks any more.
 */
export interface Follower {
  /** May say that nothing will be known from now on by setting {@link Follower.undecided}. */
  called(op: Seen): Anomaly | undefined;
  /** `op` has its outcome now, and its output if that is `ok`. */
  ended(op: Seen): Anomaly | undefined;
  /** How many things it remembers: what the memory that it needs grows with. */
  readonly remembered: number;
  /** Why it cannot say anything any more. */
  readonly undecided: string | undefined;
  /** Why it cannot say anything yet, though it goes on. */
  readonly open?: string | undefined;
}

/** The value under which equal values are found in a `Map`. */
export function nameOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return `\0${canonical(value)}`;
  return typeof value === 'string' && value.startsWith('\0') ? `\0s${value}` : value;
}

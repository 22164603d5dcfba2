import { canonical } from '../table/values.ts';
import type { Anomaly } from '../checker.ts';
import type { Key, Outcome } from '../history.ts';
import type { Pooled } from './pool.ts';

/** An operation as far as it has been seen: an {@link Operation} that is still being written. */
export interface Seen extends Pooled {
  id: number;
  process: number;
  readonly node: undefined;
  f: string;
  key: Key | undefined;
  input: unknown;
  /** Once it ended in `ok`. */
  output: unknown;
  /** `info` until it ends, as nobody knows before. */
  outcome: Outcome;
  call: number;
  return: number;
  callTime: number;
  returnTime: number;
  readonly error: undefined;
  /** Whatever its follower keeps with it. */
  note: unknown;
  /** Called, and neither ended nor given up. */
  isOpen: boolean;
}

/**
 * Follows the operations of one object, or of all of them, as they are called and end. Each method returns the violation
 * that this step completes, after which nobody asks any more.
 */
export interface Follower {
  /** An operation to fill in. Without it each is a new one. A follower takes back those that it does not need any more. */
  fresh?(): Seen;
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

/** An operation that nobody has called yet. */
export function unseen(): Seen {
  return {
    id: -1,
    process: -1,
    node: undefined,
    f: '',
    key: undefined,
    input: undefined,
    output: undefined,
    outcome: 'info',
    call: -1,
    return: Infinity,
    callTime: 0,
    returnTime: Infinity,
    error: undefined,
    note: undefined,
    isOpen: false,
    mark: 0,
  };
}

/** The value under which equal values are found in a `Map`. */
export function nameOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return `\0${canonical(value)}`;
  return typeof value === 'string' && value.startsWith('\0') ? `\0s${value}` : value;
}

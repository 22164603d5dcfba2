import type { Budget } from '../linearizable/budget.ts';
import { numberValues } from '../linearizable/register/clusters.ts';
import type { Numbering } from '../linearizable/register/clusters.ts';
import { densePositions, rowsAt } from '../linearizable/register/positions.ts';
import type { Positions } from '../linearizable/register/positions.ts';
import { READ, REFUSED, SKIP } from '../linearizable/register/steps.ts';
import type { RegisterSteps } from '../linearizable/register/steps.ts';

/** What was found out about each read by itself. */
export interface JudgedReads {
  readonly steps: RegisterSteps;
  readonly values: Numbering;
  readonly at: Positions;
  /** The operation that is called or returns at a position; −1 for none. */
  readonly events: Int32Array;
  /** For each read the latest call among the writes that had returned before it was called; {@link NO_WRITE} for none. */
  readonly since: Int32Array;
  /** Reads that returned what they cannot have found. */
  readonly wrong: readonly number[];
  readonly reads: number;
  readonly judged: number;
  /** Reads during which some write was under way, and writes during which another was. */
  readonly readsOverlapping: number;
  readonly writesOverlapping: number;
  /** For each key, at key + 1: whether some of its writes overlapped. */
  readonly overlapping: Uint8Array;
  /** The position up to which all was looked at; `at.last + 1` when nothing was left out. */
  readonly reached: number;
}

const NO_WRITE = -2;
/** The value that was there from the beginning was written before everything. */
const BEFORE_ALL = -1;

/**
 * Holds every read against the writes before and around it, in one pass over the events.
 *
 * A read may return what a write wrote that had begun before the read ended and was not *overwritten* before it began.
 * A write is overwritten once another that began after it ended has ended as well:
 *
 * ```
 * write 1  |────|
 * write 2          |────|          1 is overwritten here, at the end of write 2
 * read                     |────|
 * ```
 *
 * So all that matters of the writes before a read is the latest call among those that have returned, and of the writes
 * of a value the latest return among those that have been called. Where values repeat, one write that fits is enough.
 */
export function judgeReads(steps: RegisterSteps, alsoOverlapping: boolean, budget: Budget): JudgedReads {
  const { length, kind, value, history } = steps;
  const { key } = history;
  const values = numberValues(steps, budget);
  const at = densePositions(history, budget);
  const events = rowsAt(at, length, (row) => kind[row] !== SKIP && kind[row] !== REFUSED);

  const keys = history.keys.length + 1;
  const latestCall = new Int32Array(keys).fill(NO_WRITE);
  const open = new Int32Array(keys);
  const called = new Int32Array(keys);
  const overlapping = new Uint8Array(keys);
  const latestReturn = new Int32Array(values.count).fill(NO_WRITE);
  latestReturn.fill(BEFORE_ALL, 0, keys);
  const since = new Int32Array(length);
  /** How many writes had been called when a read was, or −1 if one of them was under way. */
  const calledBefore = new Int32Array(length);
  const wrong: number[] = [];
  let reads = 0;
  let judged = 0;
  let readsOverlapping = 0;
  let writesOverlapping = 0;
  let p = 0;
  for (; p <= at.last && !budget.spent(0); p++) {
    const i = events[p] as number;
    if (i < 0) continue;
    const k = (key[i] as number) + 1;
    const isCall = at.call[i] === p;
    if (kind[i] === READ && isCall) {
      since[i] = latestCall[k] as number;
      calledBefore[i] = (open[k] as number) > 0 ? -1 : (called[k] as number);
    } else if (kind[i] === READ) {
      reads++;
      const overlaps = calledBefore[i] !== called[k];
      if (overlaps) readsOverlapping++;
      if (overlaps && !alsoOverlapping) continue;
      judged++;
      const c = values.table.find(k - 1, value[i] as number);
      if (c < 0 || (latestReturn[c] as number) <= (since[i] as number)) wrong.push(i);
    } else if (isCall) {
      if ((open[k] as number) > 0) {
        writesOverlapping++;
        overlapping[k] = 1;
      }
      open[k]!++;
      called[k]!++;
      const c = values.table.find(k - 1, value[i] as number);
      latestReturn[c] = Math.max(latestReturn[c] as number, at.return[i] as number);
    } else {
      open[k]!--;
      latestCall[k] = Math.max(latestCall[k] as number, at.call[i] as number);
    }
  }
  return {
    steps,
    values,
    at,
    events,
    since,
    wrong,
    reads,
    judged,
    readsOverlapping,
    writesOverlapping,
    overlapping,
    reached: p,
  };
}

/** How many bytes the columns of {@link judgeReads} take. */
export function bytesToJudge(length: number): number {
  return 48 * length;
}

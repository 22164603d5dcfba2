import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operation, Operations } from '../history.ts';
import { Budget } from '../linearizable/budget.ts';
import { densePositions, rowsAt } from '../linearizable/register/positions.ts';
import { print } from '../models/print.ts';
import { anyHistory } from '../table/table.ts';
import { decode, NOTHING } from '../table/values.ts';
import { at, count, on, who } from '../words.ts';

/**
 * Every read of a counter lies between what had certainly been added when it began and what can have been added when it
 * ended.
 *
 * ```
 * add 1    |────|
 * add 2       |───────────────────|
 * add 4                     |──────────?       of unknown outcome: from then on it may have happened
 * read            |────|                      1 … 3
 * read                               |────|   3 … 7
 * ```
 *
 * After Jepsen's counter. Every counter promises that much; whether all reads fit one order is for the model `counter` to
 * say. Amounts may be negative, and are 1 where none is given. One pass over the events.
 */
export function counterBounds<Ops extends Operations = Operations>(): Checker<Ops> {
  return { name: 'counter bounds', check: (history, context) => check(anyHistory(history), context) };
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const BYTES_PER_OPERATION = 40;

/** A read, and what it can have found. */
interface BoundedRead {
  readonly row: number;
  readonly low: number;
  readonly high: number;
}

function check(history: History, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const counts = { adds: 0, reads: 0, 'reads that could only be one value': 0, 'too low': 0, 'too high': 0 };
  const verdict = (valid: Verdict['valid'], anomalies: readonly Anomaly[], because?: string): Verdict => ({
    checker: 'counter bounds',
    valid,
    ...(because !== undefined && { because }),
    ...(valid === false && { disproves: ['linearizable', 'counter bounds'] }),
    anomalies,
    facts: counts,
  });
  if (budget.spent(BYTES_PER_OPERATION * history.length))
    return verdict('unknown', [], budget.stopped(history.length));
  const amounts = amountsOf(history);
  if (typeof amounts === 'string') return verdict('unknown', [], amounts);
  counts.adds = amounts.adds;
  const low: BoundedRead[] = [];
  const high: BoundedRead[] = [];
  const done = boundReads(history, amounts.of, budget, (read, value) => {
    counts.reads++;
    if (read.low === read.high) counts['reads that could only be one value']++;
    if (value < read.low && ++counts['too low'] <= EXPLAINED) low.push(read);
    if (value > read.high && ++counts['too high'] <= EXPLAINED) high.push(read);
  });
  const anomalies = [
    ...low.map((read) => tooLow(history, amounts.of, read)),
    ...high.map((read) => tooHigh(history, amounts.of, read)),
  ];
  if (anomalies.length > 0) return verdict(false, anomalies);
  if (!done)
    return verdict(
      'unknown',
      [],
      budget.stopped(history.length, `${count(counts.reads, 'read')} up to there were as they may be`),
    );
  if (counts.reads === 0)
    return verdict('unknown', [], 'no read succeeded, so nothing could have shown; read while others add');
  return verdict(true, []);
}

/** What every operation adds or may have added; or what is wrong with one. */
function amountsOf(history: History): { readonly of: Float64Array; readonly adds: number } | string {
  const add = history.names.indexOf('add');
  const of = new Float64Array(history.length);
  let adds = 0;
  for (let row = 0; row < history.length; row++) {
    if (history.f[row] !== add || history.outcome[row] === 1) continue;
    const input = history.input[row] as number;
    const amount = input === NOTHING ? 1 : decode(input, history.values);
    if (typeof amount !== 'number')
      return `operation ${row} adds ${print(amount)}, which is no number; try another checker for it`;
    of[row] = amount;
    adds++;
  }
  return { of, adds };
}

/** Tells what every read can have found, in order of return; `false` when time is up before. */
function boundReads(
  history: History,
  amounts: Float64Array,
  budget: Budget,
  tell: (read: BoundedRead, value: number) => void,
): boolean {
  const { length, f, outcome, key } = history;
  const add = history.names.indexOf('add');
  const read = history.names.indexOf('read');
  const at = densePositions(history);
  const events = rowsAt(at, length, (row) =>
    f[row] === add ? outcome[row] !== 1 : f[row] === read && outcome[row] === 0,
  );
  const keys = history.keys.length + 1;
  /** What was added with certainty, and perhaps, apart for what raises the counter and what lowers it. */
  const raised = new Float64Array(keys);
  const lowered = new Float64Array(keys);
  const mayRaise = new Float64Array(keys);
  const mayLower = new Float64Array(keys);
  const raisedBefore = new Float64Array(length);
  const loweredBefore = new Float64Array(length);
  for (let p = 0; p <= at.last; p++) {
    if (budget.spent(0)) return false;
    const row = events[p] as number;
    if (row < 0) continue;
    const k = (key[row] as number) + 1;
    const isCall = at.call[row] === p;
    if (f[row] === add) {
      const amount = amounts[row] as number;
      const [up, down] = isCall ? [mayRaise, mayLower] : [raised, lowered];
      if (amount > 0) up[k]! += amount;
      else down[k]! += amount;
    } else if (isCall) {
      raisedBefore[row] = raised[k] as number;
      loweredBefore[row] = lowered[k] as number;
    } else {
      const value = decode(history.output[row] as number, history.values);
      if (typeof value !== 'number') continue;
      const low = (raisedBefore[row] as number) + (mayLower[k] as number);
      const high = (loweredBefore[row] as number) + (mayRaise[k] as number);
      tell({ row, low, high }, value);
    }
  }
  return true;
}

/** The read, everything that may have lowered the counter by then, and as few of what had raised it as are too much. */
function tooLow(history: History, amounts: Float64Array, { row, low, high }: BoundedRead): Anomaly {
  const read = history.operation(row);
  const { before, during } = addsAround(history, amounts, read);
  const lowering = [...before, ...during].filter((other) => (amounts[other] as number) < 0);
  let least = lowering.reduce((sum, other) => sum + (amounts[other] as number), 0);
  const needed: number[] = [];
  for (const other of before.toSorted((a, b) => (amounts[b] as number) - (amounts[a] as number))) {
    if (least > Number(read.output)) break;
    needed.push(other);
    least += amounts[other] as number;
  }
  return anomaly(
    'lost update',
    [read, ...[...lowering, ...needed].map((other) => history.operation(other))],
    `${found(read)}, although what had been added by then comes to at least ${low}${low === high ? '' : ` (and at most ${high})`}.`,
  );
}

/** The read, everything that may have raised the counter by then, and as few of what had lowered it as are too much. */
function tooHigh(history: History, amounts: Float64Array, { row, low, high }: BoundedRead): Anomaly {
  const read = history.operation(row);
  const { before, during } = addsAround(history, amounts, read);
  const raising = [...before, ...during].filter((other) => (amounts[other] as number) > 0);
  let most = raising.reduce((sum, other) => sum + (amounts[other] as number), 0);
  const needed: number[] = [];
  for (const other of before.toSorted((a, b) => (amounts[a] as number) - (amounts[b] as number))) {
    if (most < Number(read.output)) break;
    needed.push(other);
    most += amounts[other] as number;
  }
  return anomaly(
    'surplus update',
    [read, ...[...raising, ...needed].map((other) => history.operation(other))],
    `${found(read)}, although all that can have raised it by then comes to at most ${high}${low === high ? '' : ` (and at least ${low})`}.`,
  );
}

function found(read: Operation): string {
  return `${who(read)} read${on(read)}${at(read.callTime)} and got ${print(read.output)}`;
}

/** Additions to the same counter that had returned before a read was called, and others that had been called before it returned. */
function addsAround(
  history: History,
  amounts: Float64Array,
  read: Operation,
): { readonly before: readonly number[]; readonly during: readonly number[] } {
  const before: number[] = [];
  const during: number[] = [];
  for (let row = 0; row < history.length; row++) {
    if (amounts[row] === 0 || history.key[row] !== history.key[read.id]) continue;
    if ((history.return[row] as number) < read.call) before.push(row);
    else if ((history.call[row] as number) < read.return) during.push(row);
  }
  return { before, during };
}

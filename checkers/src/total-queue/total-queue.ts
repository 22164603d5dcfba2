import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operation, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { print } from '../models/print.ts';
import { anyHistory, rowsByKey } from '../table/table.ts';
import { apart, at, count, placed, they, who } from '../words.ts';
import { contents, type Element } from './elements.ts';
import { losses, type Losses, type Missing } from './losses.ts';

export interface TotalQueueOptions {
  /** Whether an element may come out more often than it was put in, as from queues that deliver at least once. Default `false`. */
  readonly mayDuplicate?: boolean;
}

/**
 * What goes in comes out, once: `enqueue` puts an element in, `dequeue` takes one out (`null`: there was none), `drain` all there are.
 *
 * ```
 * enqueue 1 ──ok                               dequeue → ∅      lost: acknowledged, gone, and nobody got it
 * enqueue 2 ──ok   dequeue → 2   dequeue → 2                    duplicated
 * enqueue 3 ──✗    dequeue → 3                                  unexpected: rejected, or never put in, or only later
 * enqueue 4 ──?    dequeue → 4                                  recovered: nobody knew, and there it is; no anomaly
 * enqueue 5 ──ok                                                unaccounted for, if nobody found the queue empty afterwards
 * ```
 *
 * After Jepsen's total-queue. In what order they come is for the model `queue` to say. Values may repeat. Linear, but for sorting.
 */
export function totalQueue<Ops extends Operations = Operations>({
  mayDuplicate = false,
}: TotalQueueOptions = {}): Checker<Ops> {
  return {
    name: 'total queue',
    check: (history, context) => check(anyHistory(history), mayDuplicate, context),
  };
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const BYTES_PER_OPERATION = 200;

function check(history: History, mayDuplicate: boolean, context: CheckContext): Verdict {
  const counts = {
    enqueued: 0,
    acknowledged: 0,
    dequeued: 0,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
    recovered: 0,
    'unaccounted for': 0,
  };
  let unlooked = 0;
  const anomalies: Anomaly[] = [];
  const budget = new Budget(context);
  const tell = (kind: 'lost' | 'duplicated' | 'unexpected', explain: () => Anomaly): void => {
    if (anomalies.filter((each) => each.kind === kind).length < EXPLAINED) anomalies.push(explain());
  };
  const stopped = budget.spent(BYTES_PER_OPERATION * history.length);
  for (const { rows } of stopped ? [] : rowsByKey(history)) {
    const queue = contents(history, rows, budget);
    if (!queue) break;
    for (const element of queue.elements.values()) {
      if (budget.spent(0)) break;
      let acknowledged = 0;
      for (const row of element.in) if (history.outcome[row] === 0) acknowledged++;
      counts.enqueued += element.in.length + element.rejected.length;
      counts.acknowledged += acknowledged;
      counts.dequeued += element.out.length;
      counts.recovered += Math.max(0, Math.min(element.out.length, element.in.length) - acknowledged);
      const early = unexpected(history, element);
      counts.unexpected += early;
      if (early > 0) tell('unexpected', () => explainUnexpected(history, element));
      const { most, first } = duplicates(history, element, early);
      counts.duplicated += most;
      if (most > 0 && !mayDuplicate)
        tell('duplicated', () => explainDuplicate(history, element, early, first));
    }
    const found = untilSpent(budget, () => losses(history, queue, budget));
    if (!found) break;
    counts.lost += found.lost;
    counts['unaccounted for'] += found.unaccounted;
    unlooked += found.unlooked;
    for (const missing of found.each) tell('lost', () => explainLost(history, missing));
    if (found.together) tell('lost', () => explainLostTogether(history, found.together as Together));
  }
  const because = budget.because
    ? budget.stopped(history.length, soFar(counts.dequeued))
    : whyUnknown(counts.dequeued, unlooked);
  const valid = anomalies.length > 0 ? false : because === undefined ? true : 'unknown';
  return {
    checker: 'total queue',
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(valid === false && { disproves: ['linearizable', 'total queue'] }),
    anomalies,
    facts: counts,
  };
}

type Together = NonNullable<Losses['together']>;

/** What is certain of what has been looked at, if nothing was found against it. */
function soFar(dequeued: number): string | undefined {
  return dequeued === 0
    ? undefined
    : `${count(dequeued, 'element')} came out no more often than they had been put in`;
}

function whyUnknown(dequeued: number, unlooked: number): string | undefined {
  if (dequeued === 0)
    return 'nothing was ever taken out, so nothing could have shown; dequeue what was enqueued';
  if (unlooked > 0)
    return `${count(unlooked, 'acknowledged element')} never came out, and may still be inside; end with a drain, or dequeue until nothing is left`;
  return undefined;
}

/** How many came out before any was put in. */
function unexpected(history: History, { in: entered, out }: Element): number {
  const [first] = entered;
  if (first === undefined) return out.length;
  return out.filter((row) => (history.return[row] as number) < (history.call[first] as number)).length;
}

/** By how many more came out than had been put in until then, at most; and the first that was too many, counted from 0. */
function duplicates(
  history: History,
  { in: entered, out }: Element,
  unexpected: number,
): { readonly most: number; readonly first: number } {
  let most = 0;
  let first = -1;
  for (let i = unexpected, e = 0; i < out.length; i++) {
    while (
      e < entered.length &&
      (history.call[entered[e] as number] as number) < (history.return[out[i] as number] as number)
    )
      e++;
    if (i + 1 - unexpected > e && first < 0) first = i;
    most = Math.max(most, i + 1 - unexpected - e);
  }
  return { most, first };
}

function explainUnexpected(history: History, { value, in: entered, out, rejected }: Element): Anomaly {
  const taken = history.operation(out[0] as number);
  const what = `${who(taken)} took ${print(value)} out${of(taken)}${at(taken.callTime)}`;
  const [source] = entered.length > 0 ? entered : rejected;
  if (source === undefined) return anomaly('unexpected', [taken], `${what}, which nobody had put in.`);
  const attempt = history.operation(source);
  const why =
    entered.length > 0
      ? `which ${they(attempt)} began to put in only ${apart(attempt.callTime - taken.returnTime, 'later')}`
      : `though ${they(attempt)}’s enqueue of it was rejected${attempt.error === undefined ? '' : ` (${attempt.error})`}`;
  return anomaly('unexpected', [attempt, taken], `${what}, ${why}.`);
}

function explainDuplicate(
  history: History,
  { value, in: entered, out }: Element,
  early: number,
  first: number,
): Anomaly {
  const last = history.operation(out[first] as number);
  const before = entered.filter((row) => (history.call[row] as number) < last.return);
  const operations = [...before, ...out.slice(early, first + 1)].map((row) => history.operation(row));
  const others = out.slice(early, first).map((row) => they(history.operation(row)));
  return anomaly(
    'duplicated',
    operations,
    `${who(last)} took ${print(value)} out${of(last)}${at(last.callTime)}, after ${[...new Set(others)].join(', ') || 'the same drain'} had, though it had been put in ${before.length === 1 ? 'once' : `${before.length} times`}.`,
  );
}

/** With everything that put in or took out the same value. */
function around(history: History, { element, enqueue, foundEmpty }: Missing): Operation[] {
  const same = element.in.length > 1 ? [...element.in, ...element.out] : [enqueue];
  return [...same, foundEmpty].map((row) => history.operation(row));
}

function explainLost(history: History, missing: Missing): Anomaly {
  const put = history.operation(missing.enqueue);
  const empty = history.operation(missing.foundEmpty);
  return anomaly(
    'lost',
    around(history, missing),
    `${who(put)}’s enqueue of ${print(missing.element.value)}${of(put)} was answered${at(put.returnTime)}; nobody ever took it out, but ${they(empty)} found nothing left${at(empty.callTime)}.`,
  );
}

function explainLostTogether(history: History, { missing, takers }: Together): Anomaly {
  const empty = history.operation(missing.at(-1)?.foundEmpty as number);
  return anomaly(
    'lost',
    [...missing.flatMap((each) => around(history, each)), ...takers.map((row) => history.operation(row))],
    `${count(missing.length, 'element')}${of(empty)} were acknowledged and never came out, and ${they(empty)} found nothing left${at(empty.callTime)}; ${takers.length === 1 ? 'only one dequeue' : `only ${takers.length} dequeues`} of unknown outcome can have taken any.`,
  );
}

function of(operation: Operation): string {
  return placed(operation, 'of');
}

import type { Checker, Monitor, Verdict } from '../checker.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import type { History, HistoryEvent, Operations } from '../history.ts';
import { plenty } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';

/** The events that a history was made of. */
export function eventsOf<Ops extends Operations>(history: History<Ops>): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const op of history) {
    const common = { process: op.process, f: op.f, ...(op.key !== undefined && { key: op.key }) };
    events.push({ ...common, index: op.call, time: op.callTime, type: 'invoke', value: op.input });
    if (op.return !== Infinity)
      events.push({ ...common, index: op.return, time: op.returnTime, type: op.outcome, value: op.output });
  }
  return events.toSorted((a, b) => a.index - b.index);
}

/** What a recorder would have written down of transactions; of one that never returned, that nobody knows, `unknownAfter` events later. */
export function eventsOfTransactions(
  rows: readonly SimulatedTransaction[],
  unknownAfter: number,
): HistoryEvent[] {
  const events = rows.flatMap(({ p: process, t, i, e, ops }) => {
    const common = { time: 0, process, f: 'txn' };
    const asked = ops.map(([f, key, value]) => [f, key, f === 'r' ? null : value]);
    return [
      { at: i, ...common, type: 'invoke' as const, value: asked },
      { at: e ?? i + unknownAfter, ...common, type: t, ...(t === 'ok' && { value: ops }) },
    ];
  });
  return events.toSorted((a, b) => a.at - b.at).map((event, index) => ({ ...event, index }));
}

/** What a monitor made of events, and which of them it raised; −1 for none. */
export function watch(
  watching: Monitor,
  events: readonly HistoryEvent[],
): { raised: number; verdict: Verdict } {
  let raised = -1;
  for (const [i, event] of events.entries()) if (watching.observe(event) && raised < 0) raised = i;
  return { raised, verdict: watching.verdict() };
}

/** What a checker says of events afterwards. */
export function judge(checker: Checker, events: readonly HistoryEvent[]): Verdict['valid'] {
  return (checker.check(tabulate(events).history, plenty()) as Verdict).valid;
}

/** What a checker says just before the event that a monitor raised, or before the last, and just after it. */
export function around(
  checker: Checker,
  events: readonly HistoryEvent[],
  raised: number,
): Verdict['valid'][] {
  const end = raised < 0 ? events.length : raised;
  return [judge(checker, events.slice(0, end)), judge(checker, events.slice(0, end + 1))];
}

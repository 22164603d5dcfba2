import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import type { History, HistoryEvent } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { linearize } from '../linearizable/reference.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { counter, register, type RegisterOps } from '../models/index.ts';
import { tabulate } from '../table/tabulate.ts';
import { monitor } from './monitor.ts';

/** The events that a history was made of. */
function eventsOf(history: History<RegisterOps>): HistoryEvent<RegisterOps>[] {
  const events: HistoryEvent<RegisterOps>[] = [];
  for (const op of history) {
    const common = { process: op.process, f: op.f, ...(op.key !== undefined && { key: op.key }) };
    events.push({ ...common, index: op.call, time: op.callTime, type: 'invoke', value: op.input });
    if (op.return !== Infinity)
      events.push({ ...common, index: op.return, time: op.returnTime, type: op.outcome, value: op.output });
  }
  return events.toSorted((a, b) => a.index - b.index);
}

/** Keys, values and answers at random, around what a correct register would do. */
const recorded = fc
  .record({
    seed: fc.nat(),
    operations: fc.integer({ min: 1, max: 60 }),
    clients: fc.integer({ min: 1, max: 8 }),
    keys: fc.integer({ min: 1, max: 2 }),
    crashed: fc.constantFrom(0, 0.15),
    lies: fc.array(fc.record({ at: fc.nat(), value: fc.nat() }), { maxLength: 3 }),
  })
  .map(({ lies, ...load }) => {
    const { history } = registerHistory(load);
    const reads =
      history.output.length === 0
        ? []
        : Array.from(history.f.keys()).filter(
            (row) => history.names[history.f[row] as number] === 'read' && history.outcome[row] === 0,
          );
    for (const { at, value } of lies)
      if (reads.length > 0)
        history.output[reads[at % reads.length] as number] = 1 + (value % load.operations);
    return history as unknown as History<RegisterOps>;
  });

function watch(events: readonly HistoryEvent<RegisterOps>[]): {
  readonly raised: number;
  readonly valid: unknown;
} {
  const watching = monitor(register);
  const raised = events.findIndex((event) => watching.observe(event as HistoryEvent));
  for (const event of events.slice(raised + 1)) if (raised >= 0) watching.observe(event as HistoryEvent);
  return { raised, valid: watching.verdict().valid };
}

test('a monitor says what the checker says afterwards, at the very event that decides it', () => {
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(recorded, (history) => {
      const events = eventsOf(history);
      const judge = (prefix: readonly HistoryEvent<RegisterOps>[]): unknown =>
        (linearizable(register).check(tabulate<RegisterOps>(prefix).history, plenty()) as Verdict).valid;
      const { raised, valid } = watch(events);
      expect(valid).toBe(judge(events));
      const around =
        raised < 0 ? [true, false] : [raised, raised + 1].map((end) => judge(events.slice(0, end)));
      expect(around).toEqual([true, false]);
      found[String(valid) as 'true']++;
    }),
    { numRuns: runs(1000) },
  );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
});

test('what a monitor shows of values it remembers is a proof', () => {
  fc.assert(
    fc.property(recorded, (history) => {
      const watching = monitor(register);
      for (const event of eventsOf(history)) watching.observe(event as HistoryEvent);
      for (const { operations, explanation } of watching.verdict().anomalies) {
        if (explanation.includes('long before')) continue;
        expect(
          linearize(
            register,
            operations.map((id) => history.operation(id)),
          ),
        ).toBe(false);
      }
    }),
    { numRuns: runs(300) },
  );
});

test('it remembers what is open, not what was', () => {
  const watching = monitor(register);
  let most = 0;
  for (const event of eventsOf(
    registerHistory({ operations: 20_000, clients: 10, seed: 1 }).history as never,
  )) {
    watching.observe(event as HistoryEvent);
    most = Math.max(most, watching.remembered);
  }
  expect(watching.verdict().valid).toBe(true);
  expect(most).toBeLessThan(100);
});

test('a value that is written twice, and a compare-and-set, leave their key undecided', () => {
  const write = { time: 0, type: 'invoke', f: 'write', value: 1, key: 'x' } as const;
  const watching = monitor(register);
  watching.observe({ ...write, index: 0, process: 0 });
  watching.observe({ ...write, index: 1, process: 1 });
  watching.observe({ ...write, index: 2, process: 2, key: 'y' });
  expect(watching.verdict()).toMatchObject({
    valid: 'unknown',
    because: '1 was written twice on key x; check the history when it is complete',
  });
});

test('a rejected write that was read is raised when it is rejected', () => {
  const watching = monitor(register);
  const common = { time: 0, f: 'write' };
  watching.observe({ ...common, index: 0, process: 0, type: 'invoke', value: 7 });
  watching.observe({ ...common, index: 1, process: 1, type: 'invoke', f: 'read' });
  expect(
    watching.observe({ ...common, index: 2, process: 1, type: 'ok', f: 'read', value: 7 }),
  ).toBeUndefined();
  expect(watching.observe({ ...common, index: 3, process: 0, type: 'fail' })).toMatchObject({
    kind: 'aborted read',
    operations: [0, 1],
  });
});

test('what is no register cannot be monitored, and is told so', () => {
  expect(() => monitor(counter)).toThrow('counter cannot be monitored');
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checker } from '../checker.ts';
import { registerHistory } from '../generate/register-history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { linearize } from '../linearizable/reference.ts';
import { runs } from '../linearizable/testing.ts';
import { casRegister, counter, type CasRegisterOps } from '../models/index.ts';
import { FALSE, TRUE } from '../table/values.ts';
import { tabulate } from '../table/tabulate.ts';
import { monitor } from './monitor.ts';
import { around, eventsOf, judge, watch } from './testing.ts';

/** Keys, values and answers at random, around what a correct register would do. */
const recordedOf = (operations: fc.Arbitrary<number>) =>
  fc
    .record({
      seed: fc.nat(),
      operations,
      clients: fc.integer({ min: 1, max: 8 }),
      keys: fc.integer({ min: 1, max: 2 }),
      crashed: fc.constantFrom(0, 0.15),
      cas: fc.boolean(),
      lies: fc.array(fc.record({ at: fc.nat(), value: fc.nat() }), { maxLength: 3 }),
    })
    .map(({ lies, ...load }) => {
      const { history } = registerHistory(load);
      const answered = Array.from(history.f.keys()).filter(
        (row) => history.names[history.f[row] as number] !== 'write' && history.outcome[row] === 0,
      );
      for (const { at, value } of lies) {
        const row = answered[at % answered.length];
        if (row === undefined) continue;
        const reads = history.names[history.f[row] as number] === 'read';
        history.output[row] = reads ? 1 + (value % load.operations) : value % 2 === 0 ? TRUE : FALSE;
      }
      return history;
    });
const recorded = recordedOf(fc.integer({ min: 1, max: 60 }));

const checker = linearizable(casRegister) as unknown as Checker;

test('a monitor says what the checker says afterwards, at the very event that decides it', () => {
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(recorded, (history) => {
      const events = eventsOf(history);
      const { raised, verdict } = watch(monitor(casRegister), events);
      expect(verdict.valid).toBe(judge(checker, events));
      expect(around(checker, events, raised)).toEqual([true, raised < 0]);
      found[String(verdict.valid) as 'true']++;
    }),
    { numRuns: runs(1000) },
  );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
});

test('so it does when what it has let go of is used for other operations', () => {
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(recordedOf(fc.integer({ min: 200, max: 800 })), (history) => {
      const events = eventsOf(history);
      const { raised, verdict } = watch(monitor(casRegister), events);
      expect(verdict.valid).toBe(judge(checker, events));
      expect(around(checker, events, raised)).toEqual([true, raised < 0]);
      found[String(verdict.valid) as 'true']++;
    }),
    { numRuns: runs(60) },
  );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
});

test('what a monitor shows is a proof, as things stood, unless it says that it has forgotten', () => {
  const shown = new Set<string>();
  fc.assert(
    fc.property(recorded, (history) => {
      const events = eventsOf(history);
      const { raised, verdict } = watch(monitor(casRegister), events);
      const [anomaly] = verdict.anomalies;
      if (!anomaly || /long before|forgotten/.test(anomaly.explanation)) return;
      const then = tabulate<CasRegisterOps>(events.slice(0, raised + 1) as never).history;
      const operations = anomaly.operations.map((id) => then.operation(id));
      expect(linearize(casRegister, operations)).toBe(false);
      shown.add(anomaly.kind);
    }),
    { numRuns: runs(1000) },
  );
  expect(shown.size).toBeGreaterThan(3);
});

test('compare-and-sets that were refused are weighed, and let go of when all is said about them', () => {
  const watching = monitor(casRegister);
  let most = 0;
  for (const event of eventsOf(
    registerHistory({ operations: 1000, clients: 5, cas: true, seed: 1 }).history,
  )) {
    watching.observe(event);
    most = Math.max(most, watching.remembered);
  }
  expect(watching.verdict().valid).toBe(true);
  expect(most).toBeLessThan(100);
});

test('it remembers what is open, not what was', () => {
  const watching = monitor(casRegister);
  let most = 0;
  for (const event of eventsOf(registerHistory({ operations: 20_000, clients: 10, seed: 1 }).history)) {
    watching.observe(event);
    most = Math.max(most, watching.remembered);
  }
  expect(watching.verdict().valid).toBe(true);
  expect(most).toBeLessThan(100);
});

test('a value that is written again while it may still be read leaves its key undecided', () => {
  const write = { time: 0, type: 'invoke', f: 'write', value: 1, key: 'x' } as const;
  const watching = monitor(casRegister);
  watching.observe({ ...write, index: 0, process: 0 });
  watching.observe({ ...write, index: 1, process: 1 });
  watching.observe({ ...write, index: 2, process: 2, key: 'y' });
  expect(watching.verdict()).toMatchObject({
    valid: 'unknown',
    because: '1 was written twice on key x; check the history when it is complete',
  });
});

test('a rejected write that was read is raised when it is rejected', () => {
  const watching = monitor(casRegister);
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

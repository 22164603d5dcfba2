import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Anomaly, Verdict } from '../checker.ts';
import type { HistoryEvent } from '../history.ts';
import { simulatedTransactions, type SimulatedTransaction } from '../generate/transaction-history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { sessions } from '../sessions/index.ts';
import type { Guarantee } from '../sessions/index.ts';
import { monitor } from './monitor.ts';
import { around, eventsOfTransactions, judge, watch } from './testing.ts';

const eventsOf = (rows: readonly SimulatedTransaction[]): HistoryEvent[] => eventsOfTransactions(rows, 0.5);

const loads = fc.record({
  seed: fc.nat(),
  transactions: fc.integer({ min: 1, max: 40 }),
  clients: fc.integer({ min: 1, max: 5 }),
  keys: fc.integer({ min: 1, max: 3 }),
  steps: fc.integer({ min: 1, max: 2 }),
  isolation: fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
  crashed: fc.constantFrom(0, 0.1),
  failed: fc.constantFrom(0, 0.1),
  corrupted: fc.constantFrom(0, 0, 0.05),
});

function isCertain({ kind }: Anomaly): boolean {
  return kind !== 'thin-air read' && !kind.endsWith('(inferred)');
}

const guarantees: readonly Guarantee[] = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
];

test('what sessions rely on is watched as it is judged, at the event that decides it', () => {
  const found = { true: 0, false: 0, unknown: 0, undecided: 0 };
  fc.assert(
    fc.property(loads, fc.subarray([...guarantees], { minLength: 1 }), (load, wanted) => {
      const checker = sessions({ guarantees: wanted });
      const events = eventsOf(simulatedTransactions({ kind: 'register', ...load }));
      const { raised, verdict } = watch(monitor(checker), events);
      // What was read before it was written, or never, may be written yet, and is left to the end.
      if (
        verdict.valid === 'unknown' &&
        /before it was written|nobody has written|in a circle/.test(verdict.because ?? '')
      ) {
        found.undecided++;
        return;
      }
      found[`${verdict.valid}`]++;
      expect(verdict.valid).toBe(judge(checker, events));
      if (raised < 0) return;
      expect(around(checker, events, raised)[1]).toBe(false);
      const before = checker.check(tabulate(events.slice(0, raised)).history, plenty()) as Verdict;
      // What nobody had written by then may still have been written in time.
      expect(before.anomalies.filter(isCertain)).toEqual([]);
    }),
    { numRuns: runs(500) },
  );
  expect(Math.min(found.true, found.false, found.unknown)).toBeGreaterThan(0);
});

const write = (index: number, process: number, key: string, value: unknown): HistoryEvent[] => [
  { index, time: 0, process, type: 'invoke', f: 'write', key, value },
  { index: index + 1, time: 0, process, type: 'ok', f: 'write', key },
];
const read = (index: number, process: number, key: string, value: unknown): HistoryEvent[] => [
  { index, time: 0, process, type: 'invoke', f: 'read', key },
  { index: index + 1, time: 0, process, type: 'ok', f: 'read', key, value },
];

test('it remembers so many operations, and says where it would have to know of older ones', () => {
  const watching = monitor(sessions());
  let index = 0;
  const show = (events: HistoryEvent[]): unknown => {
    index += events.length;
    return events.map((event) => watching.observe(event)).find((anomaly) => anomaly);
  };
  let most = 0;
  for (let value = 0; value < 30_000; value++) {
    show(write(index, value % 7, 'x', value));
    show(read(index, (value + 3) % 7, 'x', value));
    most = Math.max(most, watching.remembered);
  }
  expect(most).toBe(50_000);
  expect(watching.verdict().valid).toBe(true);
  // Of what it remembers it knows that this is old.
  const forked = monitor(sessions());
  for (const event of [...write(0, 0, 'x', 1), ...write(2, 0, 'x', 2), ...read(4, 1, 'x', 2)])
    forked.observe(event);
  expect(read(6, 1, 'x', 1).map((event) => forked.observe(event)?.kind)).toEqual([
    undefined,
    'monotonic reads',
  ]);
  show(read(index, 9, 'x', 7));
  expect(watching.verdict()).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining('what was written there long before has been forgotten'),
  });
});

test('a value that is written twice leaves it undecided', () => {
  const watching = monitor(sessions());
  for (const event of [...write(0, 0, 'x', 1), ...write(2, 1, 'x', 1)]) watching.observe(event);
  expect(watching.verdict()).toMatchObject({
    valid: 'unknown',
    because: '1 was written to x twice; check the history when it is complete',
  });
});

test('PRAM is not watched for', () => {
  expect(() => monitor(sessions({ guarantees: ['PRAM'] }))).toThrow('cannot be monitored');
});

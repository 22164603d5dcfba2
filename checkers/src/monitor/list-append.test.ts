import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent, Key } from '../history.ts';
import { simulatedTransactions, type SimulatedTransaction } from '../generate/transaction-history.ts';
import { runs } from '../linearizable/testing.ts';
import { listAppend } from '../transactions/index.ts';
import { monitor } from './monitor.ts';
import { around, eventsOfTransactions, judge, watch } from './testing.ts';

const eventsOf = (rows: readonly SimulatedTransaction[]): HistoryEvent[] => eventsOfTransactions(rows, 20.5);

const loads = fc.record({
  seed: fc.nat(),
  transactions: fc.integer({ min: 1, max: 60 }),
  clients: fc.integer({ min: 1, max: 8 }),
  keys: fc.integer({ min: 1, max: 4 }),
  writesPerKey: fc.constantFrom(4, 32),
  isolation: fc.constantFrom('serializable', 'serializable', 'snapshot', 'read committed', 'dirty' as const),
  crashed: fc.constantFrom(0, 0.1),
  failed: fc.constantFrom(0, 0.1),
  corrupted: fc.constantFrom(0, 0, 0.02),
});

test('what is monitored is what the checker says, at the event that decides it', () => {
  const checker = listAppend();
  const found = new Map<string, number>();
  fc.assert(
    fc.property(loads, (load) => {
      const events = eventsOf(simulatedTransactions({ kind: 'append', ...load }));
      const { raised, verdict } = watch(monitor(checker), events);
      expect(verdict.valid).toBe(judge(checker, events));
      if (raised >= 0) {
        const [before, after] = around(checker, events, raised);
        expect(before).not.toBe(false);
        expect(after).toBe(false);
      }
      const kind = verdict.anomalies[0]?.kind ?? String(verdict.valid);
      found.set(kind, (found.get(kind) ?? 0) + 1);
    }),
    { numRuns: runs(300) },
  );
  expect(found.get('true')).toBeGreaterThan(0);
  expect(found.size).toBeGreaterThan(5);
});

test('what has been forgotten is missed all the same where it should have been read', () => {
  const checker = listAppend();
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, at, lost) => {
      const rows = simulatedTransactions({ kind: 'append', transactions: 400, clients: 5, keys: 3, seed });
      const reads = rows
        .slice(200)
        .filter(({ t }) => t === 'ok')
        .flatMap(({ ops }) =>
          ops.filter(([f, , value]) => f === 'r' && Array.isArray(value) && value.length > 0),
        );
      const read = reads[at % reads.length];
      if (read) read[2] = (read[2] as unknown[]).slice(0, -lost);
      const events = eventsOf(rows);
      const { raised, verdict } = watch(monitor(checker), events);
      expect(verdict.valid).toBe(judge(checker, events));
      if (raised >= 0) expect(around(checker, events, raised)).toEqual([true, false]);
      found[String(verdict.valid) as 'true']++;
    }),
    { numRuns: runs(40) },
  );
  expect(found.false).toBeGreaterThan(0);
});

/** In the end somebody reads every list: what had been read of it, and then, in any order, what was appended and never read. */
function withFinalReads(
  rows: readonly SimulatedTransaction[],
  shuffle: number,
  displaced: number,
): SimulatedTransaction[] {
  const lists = new Map<Key, { read: readonly unknown[]; appended: unknown[] }>();
  for (const { t, ops } of rows)
    for (const [f, key, value] of t === 'ok' ? ops : []) {
      const list = lists.get(key) ?? { read: [], appended: [] };
      lists.set(key, list);
      if (f === 'a') list.appended.push(value);
      else if ((value as unknown[]).length > list.read.length) list.read = value as unknown[];
    }
  // Values were drawn in order, so that what is near its place has a chance to be right.
  const weight = (value: unknown): number =>
    Number(value) + displaced * ((Math.imul(Number(value) + shuffle, 0x9e3779b1) >>> 0) % 2);
  const last = rows.reduce((max, { i, e }) => Math.max(max, e ?? i), 0) + 100;
  const reads = [...lists].map(([key, { read, appended }], n): SimulatedTransaction => {
    const unread = appended
      .filter((value) => !read.includes(value))
      .toSorted((a, b) => weight(a) - weight(b));
    const ops: SimulatedTransaction['ops'] = [['r', key, [...read, ...unread]]];
    return { p: 1e6, t: 'ok', i: last + 2 * n, e: last + 2 * n + 1, ops };
  });
  return [...rows, ...reads];
}

test('what was left unread for long is held against everything else when it is read at last', () => {
  const checker = listAppend();
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom(0, 1.5), fc.integer({ min: 1, max: 10 }), (...drawn) => {
      const [seed, shuffle, displaced, clients] = drawn;
      const load = { transactions: 60, clients, keys: 2, writesPerKey: 6, crashed: 0.05, seed } as const;
      const rows = simulatedTransactions({ kind: 'append', ...load });
      const events = eventsOf(withFinalReads(rows, shuffle, displaced));
      const { raised, verdict } = watch(monitor(checker), events);
      expect(verdict.valid).toBe(judge(checker, events));
      if (raised >= 0) expect(around(checker, events, raised)).toEqual([true, false]);
      found[String(verdict.valid) as 'true']++;
    }),
    { numRuns: runs(60) },
  );

  expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
});

test('it remembers what is open and the elements of lists, not the transactions that were', () => {
  const watching = monitor(listAppend());
  let appended = 0;
  let most = 0;
  for (const event of eventsOf(
    simulatedTransactions({
      kind: 'append',
      transactions: 5000,
      clients: 10,
      writesPerKey: Infinity,
      seed: 1,
      crashed: 0.001,
    }),
  )) {
    watching.observe(event);
    if (event.type === 'invoke') appended += (event.value as unknown[][]).filter(([f]) => f === 'a').length;
    most = Math.max(most, watching.remembered - appended);
  }
  expect(watching.verdict().valid).toBe(true);
  expect(most).toBeLessThan(400);
});

test('an element that is appended twice leaves it undecided', () => {
  const watching = monitor(listAppend());
  const txn = { time: 0, f: 'txn', type: 'invoke', value: [['append', 'x', 1]] } as const;
  watching.observe({ ...txn, index: 0, process: 0 });
  watching.observe({ ...txn, index: 1, process: 1 });
  expect(watching.verdict()).toMatchObject({
    valid: 'unknown',
    because: '1 was appended to x twice; check the history when it is complete',
  });
});

test('weaker levels are not monitored', () => {
  expect(() => monitor(listAppend({ level: 'serializable' }))).toThrow('cannot be monitored');
});

test('before anything has been read, nothing is promised', () => {
  expect(monitor(listAppend()).verdict()).toMatchObject({ valid: 'unknown' });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { judge as judgeAlone } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { fractions } from '../generate/fractions.ts';
import { objectHistory } from '../generate/object-history.ts';
import type { History, HistoryEvent } from '../history.ts';
import { select } from '../table/table.ts';
import { tabulate } from '../table/tabulate.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { setFull } from './set-full.ts';

/** Operations one after the other: `+1` adds, `+1?` adds and never returns, `+1!` is rejected, `{1 2}` reads. */
function sets(text: string): History {
  const events: HistoryEvent[] = [];
  for (const [process, word] of (text.match(/\+\d+[?!]?|\{[^}]*\}/g) ?? []).entries()) {
    const common = { process, key: 's', time: 0 };
    const at = (): { index: number; time: number } => ({ index: events.length, time: events.length * 1e6 });
    if (word.startsWith('+')) {
      events.push({ ...common, ...at(), type: 'invoke', f: 'add', value: parseInt(word.slice(1)) });
      if (!word.endsWith('?'))
        events.push({ ...common, ...at(), type: word.endsWith('!') ? 'fail' : 'ok', f: 'add' });
    } else {
      events.push({ ...common, ...at(), type: 'invoke', f: 'read' });
      events.push({
        ...common,
        ...at(),
        type: 'ok',
        f: 'read',
        value: word.slice(1, -1).split(' ').filter(Boolean).map(Number),
      });
    }
  }
  return tabulate(events).history;
}

function judge(text: string, options = {}): Verdict {
  return setFull(options).check(sets(text), plenty()) as Verdict;
}

test.each([
  ['+1 {1}', true, []],
  ['+1? {}', 'unknown', []],
  ['+1? {1} {1}', true, []],
  ['+1 {}', false, [{ kind: 'lost', operations: [0, 1] }]],
  ['+1 {1} {}', false, [{ kind: 'lost' }]],
  ['+1 +2 {2} {1 2}', false, [{ kind: 'stale', operations: [0, 2, 3] }]],
  ['+1? {1} {} {1}', false, [{ kind: 'stale', operations: [1, 2, 3] }]],
  ['+1 {1 1}', false, [{ kind: 'duplicated', operations: [0, 1] }]],
  ['+1 {1 2}', false, [{ kind: 'unexpected', operations: [1] }]],
  ['+1! +2 {1 2}', false, [{ kind: 'unexpected', operations: [0, 2] }]],
  ['+2 {1 2} +1 {1 2}', false, [{ kind: 'unexpected', operations: [1, 2] }]],
  ['+1! {}', 'unknown', []],
  ['', 'unknown', []],
])('%s', (text, valid, anomalies) => {
  expect(judge(text)).toMatchObject({ valid, anomalies });
});

test('a stale read is counted but no violation where the set may be stale', () => {
  expect(judge('+1 +2 {2} {1 2}', { mayBeStale: true })).toMatchObject({ valid: true, facts: { stale: 1 } });
});

test('every sentence says who, what and when', () => {
  expect(judge('+7 {}').anomalies[0]?.explanation).toBe(
    'Client 0’s add of 7 to s was answered at 0.001 s; the one later read did not return 7.',
  );
  expect(judge('+7 +8 {8} {7 8}').anomalies[0]?.explanation).toBe(
    'Client 2 read s at 0.004 s and did not find 7, although client 0’s add of 7 to s had completed 3 ms earlier.',
  );
});

/** The same, element by element and read by read, from the definitions. */
function naive(history: History): Record<string, number> {
  const ops = [...history];
  const reads = ops
    .filter((op) => op.f === 'read' && op.outcome === 'ok')
    .map((op) => ({ ...op, seen: op.output as unknown[] }));
  const values = new Set([
    ...ops.filter((op) => op.f === 'add').map((op) => op.input),
    ...reads.flatMap(({ seen }) => seen),
  ]);
  const counts = { lost: 0, stale: 0, duplicated: 0, unexpected: 0, 'never read': 0, recovered: 0 };
  for (const value of values) {
    const adds = ops.filter((op) => op.f === 'add' && op.input === value);
    const found = reads.filter(({ seen }) => seen.includes(value));
    const shown = [...adds.filter((op) => op.outcome === 'ok'), ...found].map((op) => op.return);
    const known = Math.min(...shown);
    const after = reads.filter((read) => read.call > known);
    const missed = after.findLast(({ seen }) => !seen.includes(value));
    const last = found.at(-1);
    if (missed) counts[last && last.call > missed.call ? 'stale' : 'lost']++;
    if (found.some(({ seen }) => seen.filter((other) => other === value).length > 1)) counts.duplicated++;
    if (found.length > 0 && adds.every((op) => op.outcome === 'fail')) counts.unexpected++;
    else if (
      found.length > 0 &&
      adds.every((op) => op.outcome === 'fail' || op.call > Math.min(...found.map((read) => read.return)))
    )
      counts.unexpected++;
    if (shown.length > 0 && found.length === 0 && !missed) counts['never read']++;
    if (adds.some((op) => op.outcome === 'info') && found.length > 0) counts.recovered++;
  }
  return counts;
}

const turn = fc.record({
  read: fc.boolean(),
  from: fc.nat(60),
  length: fc.nat(20),
  found: fc.array(fc.nat(9), { maxLength: 8 }),
  fate: fc.constantFrom('|', '|', '|', '─?', '─✗'),
});

/** Adds of 0, 1, 2 … and reads of any of them in any order, overlapping each other. */
const overlapping = fc.array(turn, { minLength: 1, maxLength: 12 }).map((turns) =>
  drawn(
    turns
      .map(({ read, from, length, found, fate }, i) => {
        const what = read ? `read → ${JSON.stringify(found)}` : `add ${i}`;
        return `${' '.repeat(3 + from)}|${'─'.repeat(length)} ${what} ${fate}`;
      })
      .join('\n'),
  ),
);

test('counts are those that follow from the definitions, and every counterexample shows its anomaly alone', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(overlapping, (history) => {
      const { facts, anomalies } = judgeAlone(setFull(), history);
      expect(facts).toMatchObject(naive(history));
      for (const { kind } of anomalies) seen.add(kind);
    }),
    { numRuns: runs(600) },
  );
  expect([...seen].toSorted()).toEqual(['duplicated', 'lost', 'stale', 'unexpected']);
});

/** A set of numbers and texts that loses, forgets and repeats some, read in an order that changes a little, or entirely. */
function simulated(seed: number, order: 'kept' | 'sorted' | 'shuffled'): History {
  const elements: unknown[] = [];
  let gone: unknown[] = [];
  const fraction = fractions(seed ^ 0x5bd1e995);
  return objectHistory(
    { operations: 400, clients: 6, seed, crashed: 0.05 },
    {
      ask: (turn, fraction) =>
        fraction() < 0.8 ? { f: 'add', input: turn % 7 === 0 ? `e${turn}` : turn } : { f: 'read' },
      answer({ f, input }) {
        if (f === 'add') {
          elements.splice(Math.floor(fraction() * 3), 0, input);
          return undefined;
        }
        const change = fraction();
        if (change < 0.1)
          gone = elements.splice(Math.floor(fraction() * elements.length), Math.floor(fraction() * 40));
        else if (change < 0.3) elements.push(...gone.splice(0, 5));
        else if (change < 0.35 && elements.length > 0) elements.push(elements[0]);
        if (order === 'sorted') return elements.toSorted();
        return order === 'kept' ? [...elements] : elements.toSorted(() => fraction() - 0.5);
      },
    },
  );
}

test('in whatever order reads return elements, large sets are followed as the definitions say', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom('kept', 'sorted', 'shuffled' as const), (seed, order) => {
      const history = simulated(seed, order);
      expect(judgeAlone(setFull(), history).facts).toMatchObject(naive(history));
    }),
    { numRuns: runs(12) },
  );
});

test('an array of numbers may be a typed one', () => {
  const history = sets('+1 +2 {1 2} {2}');
  const typed = select(
    history,
    Int32Array.from(history, (_, row) => row),
  );
  Object.defineProperty(typed, 'values', {
    value: history.values.map((value) => (Array.isArray(value) ? Int32Array.from(value as number[]) : value)),
  });
  expect(setFull().check(typed, plenty())).toEqual(setFull().check(history, plenty()));
});

test('where elements are removed too, one that is missing is not accused', () => {
  const history = drawn('A |─ add 1 ─| |─ remove 1 ─| |─ add 2 ─| |─ read → [2] ─|');
  expect(judgeAlone(setFull(), history)).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining('the model set decides that') as string,
  });
});

test('a limit that is met is told, and never taken for an answer', () => {
  for (const limit of [{ deadline: -1 }, { memoryBytes: 1 }])
    expect(setFull().check(sets('+1 {1}'), { ...plenty(), ...limit })).toMatchObject({ valid: 'unknown' });
});

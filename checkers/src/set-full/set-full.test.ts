import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { History, HistoryEvent } from '../history.ts';
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
    'Client 2 read s at 0.004 s and did not find 7, although Client 0’s add of 7 to s had completed 3.0 ms earlier.',
  );
});

/** The same, element by element and read by read, from the definitions. */
function naive(history: History): Record<string, number> {
  const ops = [...history];
  const reads = ops
    .filter((op) => op.f === 'read' && op.outcome === 'ok')
    .map((op) => ({ ...op, seen: op.output as number[] }));
  const values = new Set([
    ...ops.filter((op) => op.f === 'add').map((op) => op.input as number),
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

test('counts are those that follow from the definitions', () => {
  const word = fc.oneof(
    fc.tuple(fc.nat(4), fc.constantFrom('', '', '?', '!')).map(([n, end]) => `+${n}${end}`),
    fc.array(fc.nat(5), { maxLength: 5 }).map((read) => `{${read.join(' ')}}`),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(word, {
        maxLength: 12,
        selector: (text) => (text.startsWith('+') ? parseInt(text.slice(1)) : {}),
      }),
      (words) => {
        const history = sets(words.join(' '));
        expect((setFull().check(history, plenty()) as Verdict).facts).toMatchObject(naive(history));
      },
    ),
    { numRuns: runs(500) },
  );
});

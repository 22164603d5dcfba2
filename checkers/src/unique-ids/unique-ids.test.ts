import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { uniqueIds } from './unique-ids.ts';

test('an id that was given twice is shown with who was given it when', () => {
  const verdict = judge(
    uniqueIds(),
    drawn(`
      A  |─ generate → 7 ─|  |─ generate → 8 ─|
      B                       |─ generate → 7 ─|`),
  );
  expect(verdict).toMatchObject({
    valid: false,
    facts: { given: 3, 'ids given more than once': 1, copies: 1 },
  });
  expect(verdict.anomalies).toMatchObject([
    {
      kind: 'duplicate id',
      operations: [0, 2],
      explanation: 'Client 1 asked at 0.030 s and was given 7, as client 0 had been who asked 21 ms earlier.',
    },
  ]);
});

test('what failed or never returned was given no id', () => {
  expect(
    judge(uniqueIds(), drawn('A  |─ generate → 7 ─✗|─ generate → 7 ─?|─ generate → 8 ─|')),
  ).toMatchObject({
    valid: 'unknown',
    because: 'only one client was given an id, so nothing could have shown; run it for longer',
  });
});

test('ids of different keys may be the same', () => {
  expect(judge(uniqueIds(), drawn('A  |─ x: generate → 7 ─| |─ y: generate → 7 ─|')).valid).toBe(true);
});

test('any value can be an id: it is a violation exactly when two print alike', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 1 }), { minLength: 2, maxLength: 8 }), (raw) => {
      const ids = (JSON.parse(JSON.stringify(raw)) as unknown[]).map((id, i) => [id, i % 2]);
      const picture = ids
        .map(([id]) => `A |─ generate → ${JSON.stringify(id).replaceAll(/[|─→?✗]/gu, '_')} ─|`)
        .join('\n');
      const history = drawn(picture);
      const given = [...history]
        .filter(({ output }) => output !== undefined)
        .map(({ output }) => JSON.stringify(output));
      fc.pre(given.length >= 2);
      const { valid, facts } = judge(uniqueIds(), history);
      expect(valid).toBe(new Set(given).size === given.length);
      expect(facts['copies']).toBe(given.length - new Set(given).size);
    }),
    { numRuns: runs(300) },
  );
});

test('a limit that is met is told, and never taken for an answer', () => {
  const history = drawn('A  |─ generate → 7 ─| |─ generate → 8 ─|');
  expect(uniqueIds().check(history, { ...plenty(), deadline: -1 })).toMatchObject({ valid: 'unknown' });
  expect(uniqueIds().check(history, { ...plenty(), memoryBytes: -1 })).toMatchObject({ valid: 'unknown' });
});

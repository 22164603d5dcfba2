import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import type { History } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { histories, plenty, runs } from '../linearizable/testing.ts';
import { counter } from '../models/counter.ts';
import { anyHistory } from '../table/table.ts';
import { counterBounds } from './counter-bounds.ts';

describe('a picture of each anomaly:', () => {
  test.each([
    {
      title: 'a read that misses an addition',
      picture: `
        A  |─ add 3 ─| |─ add 1 ─|
        B                          |─ read → 2 ─|`,
      kind: 'lost update',
      operations: [0, 2],
      explanation:
        'Client 1 read at 0.035 s and got 2, although what had been added by then comes to at least 4.',
    },
    {
      title: 'a read of more than was ever added',
      picture: `
        A  |─ add 3 ─| |─ add 1 ─?
        B                          |─ read → 5 ─|`,
      kind: 'surplus update',
      operations: [0, 1, 2],
      explanation:
        'Client 1 read at 0.035 s and got 5, although all that can have raised it by then comes to at most 4 (and at least 3).',
    },
    {
      title: 'what may have been subtracted counts',
      picture: `
        A  |─ add 3 ─| |─ add -1 ─?
        B                          |─ read → 1 ─|`,
      kind: 'lost update',
      operations: [0, 1, 2],
      explanation:
        'Client 1 read at 0.035 s and got 1, although what had been added by then comes to at least 2 (and at most 3).',
    },
  ])('$title', ({ picture, kind, operations, explanation }) => {
    const { valid, anomalies } = judge(counterBounds(), drawn(picture));
    expect(valid).toBe(false);
    expect(anomalies).toEqual([{ kind, operations, explanation }]);
  });
});

test('what failed added nothing, what overlaps may have', () => {
  expect(
    judge(
      counterBounds(),
      drawn(`
        A  |─ add 2 ─✗ |──── add 1 ────|
        B               |─ read → 0 ─|
        C               |─ read → 1 ─|`),
    ),
  ).toMatchObject({ valid: true, facts: { adds: 1, reads: 2, 'reads that could only be one value': 0 } });
});

/** From the definition: is there any choice among what is not certain that reaches far enough down, and up? */
function within(history: History): boolean {
  const ops = [...history];
  return ops
    .filter(({ f, outcome }) => f === 'read' && outcome === 'ok')
    .every((read) => {
      const sums = ops
        .filter(({ f, outcome, call }) => f === 'add' && outcome !== 'fail' && call < read.return)
        .reduce(
          (totals, op) =>
            op.return < read.call
              ? totals.map((sum) => sum + Number(op.input))
              : totals.flatMap((sum) => [sum, sum + Number(op.input)]),
          [0],
        );
      return Math.min(...sums) <= Number(read.output) && Number(read.output) <= Math.max(...sums);
    });
}

test('a read is accepted exactly when it lies between the least and the most that any choice comes to', () => {
  const seen = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(
      histories(
        counter,
        [
          { f: 'add', inputs: [1, 2, -1, 5], answers: [undefined] },
          { f: 'read', inputs: [undefined], answers: [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
        ],
        { operations: 8, honest: 0.8 },
      ),
      (history) => {
        const { valid, facts } = judge(counterBounds(), anyHistory(history));
        seen[`${valid}`]++;
        if (facts['reads'] !== 0) expect(valid).toBe(within(anyHistory(history)));
        const one = linearizable(counter).check(history, plenty()) as Verdict;
        if (one.valid === true) expect(valid).not.toBe(false);
      },
    ),
    { numRuns: runs(1500) },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(0);
});

test('what is no number is told', () => {
  expect(judge(counterBounds(), drawn('A  |─ add one ─| |─ read → 1 ─|'))).toMatchObject({
    valid: 'unknown',
    because: 'operation 0 adds "one", which is no number; try another checker for it',
  });
});

test('a limit that is met is told, and never taken for an answer', () => {
  const history = drawn('A  |─ add 1 ─| |─ read → 1 ─|');
  for (const limit of [{ deadline: -1 }, { memoryBytes: 1 }])
    expect(counterBounds().check(history, { ...plenty(), ...limit })).toMatchObject({ valid: 'unknown' });
});

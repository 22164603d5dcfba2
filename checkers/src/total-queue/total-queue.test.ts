import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { objectHistory } from '../generate/object-history.ts';
import type { History, Operation } from '../history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { histories, plenty, runs, type Vocabulary } from '../linearizable/testing.ts';
import { queue } from '../models/queue.ts';
import { anyHistory } from '../table/table.ts';
import { totalQueue } from './total-queue.ts';

describe('a picture of each anomaly:', () => {
  test.each([
    {
      title: 'an element that was acknowledged and is gone',
      picture: `
        A  |─ enqueue 1 ─| |─ enqueue 2 ─|
        B                                  |─ dequeue → 2 ─| |─ dequeue → ∅ ─|`,
      kind: 'lost',
      operations: [0, 3],
      explanation:
        'Client 0’s enqueue of 1 was answered at 0.025 s; nobody ever took it out, but client 1 found nothing left at 0.061 s.',
    },
    {
      title: 'two elements that one crashed dequeue cannot both have taken',
      picture: `
        A  |─ enqueue 1 ─| |─ enqueue 2 ─|
        B                                  |─ dequeue ─? |─ drain → [] ─|`,
      kind: 'lost',
      operations: [0, 1, 2, 3],
      explanation:
        '2 elements were acknowledged and never came out, and client 1 found nothing left at 0.057 s; only one dequeue of unknown outcome can have taken any.',
    },
    {
      title: 'an element that came out twice',
      picture: `
        A  |─ enqueue 1 ─|
        B                  |─ dequeue → 1 ─|
        C                     |─ dequeue → 1 ─|`,
      kind: 'duplicated',
      operations: [0, 1, 2],
      explanation: 'Client 2 took 1 out at 0.030 s, after client 1 had, though it had been put in once.',
    },
    {
      title: 'an element that nobody put in',
      picture: `
        A  |─ dequeue → 1 ─|`,
      kind: 'unexpected',
      operations: [0],
      explanation: 'Client 0 took 1 out at 0.011 s, which nobody had put in.',
    },
    {
      title: 'an element whose enqueue was rejected',
      picture: `
        A  |─ enqueue 1 ─✗ |─ dequeue → 1 ─|`,
      kind: 'unexpected',
      operations: [0, 1],
      explanation: 'Client 0 took 1 out at 0.027 s, though client 0’s enqueue of it was rejected.',
    },
    {
      title: 'an element that was put in only later',
      picture: `
        A  |─ dequeue → 1 ─| |─ enqueue 1 ─|`,
      kind: 'unexpected',
      operations: [0, 1],
      explanation: 'Client 0 took 1 out at 0.011 s, which client 0 began to put in only 2 ms later.',
    },
  ])('$title', ({ picture, kind, operations, explanation }) => {
    const { valid, anomalies } = judge(totalQueue(), drawn(picture));
    expect(valid).toBe(false);
    expect(anomalies).toEqual([{ kind, operations, explanation }]);
  });
});

test('an element that nobody looked for afterwards is unaccounted for, not lost', () => {
  expect(
    judge(
      totalQueue(),
      drawn(`
        A  |─ enqueue 1 ─| |─ enqueue 2 ─|
        B                   |─ dequeue → 1 ─| |─ dequeue ─?`),
    ),
  ).toMatchObject({ valid: 'unknown', facts: { lost: 0, 'unaccounted for': 1 } });
});

test('what a dequeue of unknown outcome may have taken does not stand in the way of true, once somebody has looked', () => {
  const picture = `
        A  |─ enqueue 1 ─| |─ enqueue 2 ─|
        B                   |─ dequeue → 1 ─| |─ dequeue ─?
        C                                                   |─ dequeue → ∅ ─|`;
  expect(judge(totalQueue(), drawn(picture))).toMatchObject({
    valid: true,
    facts: { lost: 0, 'unaccounted for': 1 },
  });
});

test('a drain of unknown outcome may have taken everything that was there', () => {
  const picture = `
        A  |─ enqueue 1 ─|             |─ enqueue 2 ─|
        B                  |─ drain ─?                 |─ dequeue → ∅ ─|`;
  expect(judge(totalQueue(), drawn(picture))).toMatchObject({ facts: { lost: 0, 'unaccounted for': 2 } });
});

test('what comes out twice is counted, and no violation where elements are delivered at least once', () => {
  const history = drawn('A  |─ enqueue 1 ─| |─ dequeue → 1 ─| |─ dequeue → 1 ─|');
  expect(judge(totalQueue({ mayDuplicate: true }), history)).toMatchObject({
    valid: true,
    facts: { duplicated: 1 },
  });
});

test('an enqueue of unknown outcome whose element came out is recovered', () => {
  expect(judge(totalQueue(), drawn('A  |─ enqueue 1 ─? \nB  |─ dequeue → 1 ─|'))).toMatchObject({
    valid: true,
    facts: { recovered: 1 },
  });
});

/**
 * How many are lost, by trying for each missing element whether it is lost, or which crashed dequeue took it. Values here
 * are put in once.
 */
function leastLost(history: History): number {
  const ops = [...history];
  const seen = new Set(
    ops
      .filter(({ outcome }) => outcome === 'ok')
      .flatMap(({ f, output }) => (f === 'dequeue' ? [output] : [])),
  );
  const due = (enqueue: Operation): number =>
    Math.min(
      ...ops
        .filter(
          ({ f, outcome, output, call }) =>
            f === 'dequeue' && outcome === 'ok' && output === null && call > enqueue.return,
        )
        .map((op) => op.return),
    );
  const missing = ops.filter(
    (op) => op.f === 'enqueue' && op.outcome === 'ok' && !seen.has(op.input) && due(op) < Infinity,
  );
  const takers = ops.filter(({ f, outcome }) => f === 'dequeue' && outcome === 'info');
  const least = (left: readonly Operation[], free: readonly Operation[]): number => {
    const [first, ...rest] = left;
    if (!first) return 0;
    return Math.min(
      1 + least(rest, free),
      ...free
        .filter((taker) => taker.call < due(first))
        .map((taker) =>
          least(
            rest,
            free.filter((other) => other !== taker),
          ),
        ),
    );
  };
  return least(missing, takers);
}

const words: readonly Vocabulary[] = [
  { f: 'enqueue', inputs: [1, 2, 3, 4, 5, 6, 7, 8], answers: [undefined] },
  { f: 'dequeue', inputs: [undefined], answers: [null, 1, 2, 3, 4, 5, 6, 7, 8] },
];

test('the count of lost elements is the least that any account of them comes to', () => {
  const turn = fc.record({
    put: fc.boolean(),
    from: fc.nat(40),
    length: fc.nat(14),
    empty: fc.nat(2),
    crashes: fc.nat(4),
  });
  let lost = 0;
  fc.assert(
    fc.property(fc.array(turn, { minLength: 2, maxLength: 10 }), (turns) => {
      const lines = turns.map(({ put, from, length, empty, crashes }, i) => {
        const what = put ? `enqueue ${i}` : `dequeue → ${empty > 0 ? '∅' : (i * 7) % turns.length}`;
        return `${' '.repeat(3 + from)}|${'─'.repeat(length)} ${what} ${crashes === 0 ? '─?' : '|'}`;
      });
      const history = drawn(lines.join('\n'));
      const { facts } = judge(totalQueue(), history);
      expect(facts['lost']).toBe(leastLost(history));
      lost += Number(facts['lost']);
    }),
    { numRuns: runs(2000) },
  );
  expect(lost).toBeGreaterThan(0);
});

test('no queue that is linearizable is accused, also where values repeat', () => {
  const seen = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(histories(queue, words, { operations: 9, honest: 0.9 }), (history) => {
      const { valid } = judge(totalQueue(), anyHistory(history));
      seen[`${valid}`]++;
      const { valid: whole } = linearizable(queue).check(history, plenty()) as Verdict;
      if (whole === true) expect(valid).not.toBe(false);
    }),
    { numRuns: runs(1500) },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(0);
});

/** A queue that does one thing wrong, from the move of a given number on, or nothing. */
function simulated(seed: number, crashed: number, wrong?: 'loses' | 'repeats', when = 0): History {
  const operations = 300;
  const elements: unknown[] = [];
  let moves = 0;
  return objectHistory(
    { operations, clients: 5, seed, crashed },
    {
      ask: (turn, fraction) =>
        turn >= operations - 5
          ? { f: 'drain' }
          : fraction() < 0.5
            ? { f: 'enqueue', input: turn }
            : { f: 'dequeue' },
      answer({ f, input }) {
        const isWrong = ++moves === when;
        if (f === 'drain') return elements.splice(0);
        if (f === 'enqueue') {
          const times = isWrong ? (wrong === 'loses' ? 0 : 2) : 1;
          for (let i = 0; i < times; i++) elements.push(input);
          return undefined;
        }
        // Only an enqueue can be lost or repeated: the next move shall.
        if (isWrong) when++;
        return elements.shift() ?? null;
      },
    },
  );
}

/** Whether nothing is left inside. */
function cameOut(history: History): boolean {
  const out = new Set([...history].flatMap(({ f, output }) => (f === 'enqueue' ? [] : [output].flat())));
  return [...history].every(({ f, input }) => f !== 'enqueue' || out.has(input));
}

test('a correct queue is never accused; what it loses or repeats is found wherever it is planted', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 20, max: 150 }), (seed, when) => {
      const correct = simulated(seed, 0);
      // What was put in while the last drain was under way may be in the queue still.
      expect(judge(totalQueue(), correct).valid).toBe(cameOut(correct) || 'unknown');
      expect(judge(totalQueue(), simulated(seed, 0.05)).valid).not.toBe(false);
      for (const [wrong, kind] of [
        ['loses', 'lost'],
        ['repeats', 'duplicated'],
      ] as const)
        expect(judge(totalQueue(), simulated(seed, 0, wrong, when)).anomalies).toMatchObject([{ kind }]);
    }),
    { numRuns: runs(15) },
  );
});

test('a limit that is met is told, and never taken for an answer', () => {
  const history = drawn('A  |─ enqueue 1 ─| |─ dequeue → 1 ─|');
  for (const limit of [{ deadline: -1 }, { memoryBytes: 1 }])
    expect(totalQueue().check(history, { ...plenty(), ...limit })).toMatchObject({ valid: 'unknown' });
});

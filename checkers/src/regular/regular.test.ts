import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { registerHistory } from '../generate/register-history.ts';
import { linearizable } from '../linearizable/linearizable.ts';
import { histories, plenty, runs, type Vocabulary } from '../linearizable/testing.ts';
import { register } from '../models/register.ts';
import { anyHistory } from '../table/table.ts';
import { promises } from './brute-force.testing.ts';
import { regularRegister, safeRegister, stronglyRegularRegister } from './regular.ts';

const checkers = {
  safe: safeRegister(),
  regular: regularRegister(),
  'strongly regular': stronglyRegularRegister(),
};
type Name = keyof typeof checkers;
const names = Object.keys(checkers) as Name[];

interface Picture {
  readonly title: string;
  readonly picture: string;
  readonly kind?: string;
  readonly explanation?: string;
  /** Who finds it. */
  readonly broken: readonly Name[];
}

describe('a picture of each anomaly:', () => {
  const pictures: Picture[] = [
    {
      title: 'a read of what was overwritten',
      picture: `
        A  |─ write 1 ─||─ write 2 ─|
        B                            |─ read → 1 ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.037 s and got 1, although client 0’s write of 2, begun after that of 1 had ended, had completed 1 ms earlier.',
      broken: names,
    },
    {
      title: 'a read of the initial value after a write',
      picture: `
        A  |─ write 1 ─|
        B               |─ read → ∅ ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.024 s and got ∅, the initial value, although client 0’s write of 1 had completed 1 ms earlier.',
      broken: names,
    },
    {
      title: 'a read of a value that was written twice, and both times overwritten',
      picture: `
        A  |─ write 1 ─||─ write 1 ─||─ write 2 ─|
        B                                         |─ read → 1 ─|`,
      kind: 'stale read',
      explanation:
        'Client 1 read at 0.050 s and got 1, of which no write was so late, although client 0’s write of 2 had completed 1 ms earlier.',
      broken: names,
    },
    {
      title: 'a read of what is written later',
      picture: `
        A  |─ read → 1 ─||─ write 1 ─|`,
      kind: 'read from the future',
      explanation:
        'Client 0 read at 0.011 s and got 1, a value nobody had written: client 0’s write of it began 1 ms later.',
      broken: names,
    },
    {
      title: 'a value out of nowhere, which a safe register may return during a write',
      picture: `
        A  |─ write 1 ─||─ read → 1 ─|
        B    |─ read → 7 ─|`,
      kind: 'never written',
      explanation:
        'Client 1 read at 0.013 s and got 7, a value nobody had written: no write of it exists in this history.',
      broken: ['regular', 'strongly regular'],
    },
    {
      title: 'a read of what was rejected',
      picture: `
        A  |─ write 1 ─✗
        B                |─ read → 1 ─|`,
      kind: 'aborted read',
      explanation: 'Client 1 read at 0.025 s and got 1, but client 0’s write of it was rejected.',
      broken: names,
    },
    {
      title: 'two reads that disagree about which of two writes came last',
      picture: `
        A  |──── write 1 ────|
        B    |─── write 2 ───|
        C                     |─ read → 1 ─|
        D                      |─ read → 2 ─|`,
      kind: 'write order disagreement',
      explanation:
        'No order of two writes suits everybody: client 2 read 1 at 0.030 s, when the write of 2 had ended, so 2 was there first; client 3 read 2 at 0.031 s, when the write of 1 had ended, so 1 was there first.',
      broken: ['strongly regular'],
    },
    {
      title: 'an older value after a newer one while the newer is being written is no anomaly here',
      picture: `
        A  |─ write 1 ─|  |──────────── write 2 ───────────────|
        B                     |─ read → 2 ─| |─ read → 1 ─|
        C                                                         |─ read → 2 ─|`,
      broken: [],
    },
    {
      title: 'a write that was seen before another began may still come after it in the one order',
      picture: `
        A  |─ write 3 ─?
        B                |─ read → 3 ─|                |─ read → 3 ─|
        C                               |─ write 1 ─|`,
      broken: [],
    },
    {
      title: 'a write of unknown outcome may take effect at any time',
      picture: `
        A  |─ write 1 ─?
        B               |─ write 2 ─| |─ read → 2 ─| |─ read → 1 ─|`,
      broken: [],
    },
  ];
  test.each(pictures)('$title', ({ picture, kind, explanation, broken }) => {
    for (const name of names) {
      const verdict = judge(checkers[name], drawn(picture));
      if (broken.includes(name)) expect(verdict.anomalies).toMatchObject([{ kind, explanation }]);
      expect([name, verdict.valid === false]).toEqual([name, broken.includes(name)]);
    }
  });
});

const words: readonly Vocabulary[] = [
  { f: 'write', inputs: [1, 2, 3], answers: [undefined] },
  { f: 'read', inputs: [undefined], answers: [1, 2, null, 3, 4] },
];

test('each promise is kept exactly where trying every order of the writes says so', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(histories(register, words, { operations: 8, honest: 0.7 }), (history) => {
      const kept = promises(anyHistory(history));
      for (const name of names) {
        const { valid, because } = judge(checkers[name], anyHistory(history));
        seen.set(`${name} ${valid}`, (seen.get(`${name} ${valid}`) ?? 0) + 1);
        if (valid === 'unknown') expect(kept.regular || name === 'safe', because).toBe(true);
        else expect([name, valid]).toEqual([name, kept[name]]);
      }
    }),
    { numRuns: runs(4000) },
  );
  for (const name of names)
    for (const valid of [true, false]) expect(seen.get(`${name} ${valid}`)).toBeGreaterThan(0);
});

test('where every value is written once, strongly regular is never unknown for want of an algorithm', () => {
  let judged = 0;
  const unique = [1, 2, 3, 4, 5, 6];
  const turn = fc.record({
    read: fc.boolean(),
    from: fc.nat(30),
    length: fc.nat(12),
    value: fc.nat(5),
    crashes: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), (turns) => {
      const lines = turns.map(({ read, from, length, value, crashes }, i) => {
        const what = read ? `read → ${value === 5 ? '∅' : unique[value]}` : `write ${unique[i] ?? i + 10}`;
        return `${' '.repeat(3 + from)}|${'─'.repeat(length)} ${what} ${crashes === 0 ? '─?' : '|'}`;
      });
      const history = drawn(lines.join('\n'));
      const kept = promises(history);
      for (const name of names) {
        const { valid, facts } = judge(checkers[name], history);
        if (facts['reads judged'] === 0) continue;
        expect([name, valid]).toEqual([name, kept[name]]);
        judged++;
      }
    }),
    { numRuns: runs(2000) },
  );
  expect(judged).toBeGreaterThan(0);
});

test('whatever is linearizable keeps all three', () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.constantFrom(undefined, 3),
      fc.constantFrom(0, 0.05),
      (seed, values, crashed) => {
        const { history } = registerHistory({
          operations: 300,
          clients: 5,
          keys: 2,
          seed,
          crashed,
          ...(values && { values }),
        });
        expect((linearizable(register).check(history as never, plenty()) as Verdict).valid).toBe(true);
        for (const name of names) expect(judge(checkers[name], anyHistory(history)).valid).not.toBe(false);
      },
    ),
    { numRuns: runs(30) },
  );
});

test('a stale read is found wherever it is planted', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const { history, planted } = registerHistory({ operations: 600, clients: 4, seed, stale: 1 });
      fc.pre(planted.length > 0);
      for (const name of ['regular', 'strongly regular'] as const) {
        const { valid, anomalies } = judge(checkers[name], anyHistory(history));
        expect(valid).toBe(false);
        expect(anomalies.map(({ operations }) => operations.includes(planted[0] as number))).toContain(true);
      }
    }),
    { numRuns: runs(30) },
  );
});

test('a limit that is met is told, and never taken for an answer', () => {
  const { history } = registerHistory({ operations: 5000, clients: 5, seed: 1 });
  const late = regularRegister().check(anyHistory(history), { ...plenty(), deadline: -1 }) as Verdict;
  expect(late).toMatchObject({ valid: 'unknown', because: expect.stringMatching(/^out of time/) as string });
  const narrow = regularRegister().check(anyHistory(history), { ...plenty(), memoryBytes: 1000 }) as Verdict;
  expect(narrow).toMatchObject({
    valid: 'unknown',
    because: expect.stringMatching(/^out of memory/) as string,
  });
});

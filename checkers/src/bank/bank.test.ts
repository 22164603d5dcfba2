import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { objectHistory } from '../generate/object-history.ts';
import type { History } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { balancesOf } from './balances.ts';
import { bank, type BankOptions } from './bank.ts';

describe('a picture of each anomaly:', () => {
  test.each<{
    title: string;
    options: BankOptions;
    picture: string;
    kind: string;
    operations: number[];
    explanation: string;
  }>([
    {
      title: 'a part of a transfer without the rest',
      options: { total: 100 },
      picture: `
        A  |─ transfer ["a","b",10] ──────────────|
        B   |─ read → {"a":50,"b":40} ─| |─ read → {"a":50,"b":50} ─|`,
      kind: 'wrong total',
      operations: [1],
      explanation:
        'Client 1 read at 0.012 s and found 90 in all, where there are 100; the next read found it right again, so that it saw a part of a transfer without the rest.',
    },
    {
      title: 'money that is gone, seen by two reads that disagree',
      options: {},
      picture: `
        A  |─ read → {"a":60,"b":40} ─| |─ transfer ["a","b",10] ─|
        B  |─ read → {"a":60,"b":40} ─|                             |─ read → {"a":50,"b":40} ─|`,
      kind: 'wrong total',
      operations: [0, 3],
      explanation:
        'Client 1 read at 0.068 s and found 90 in all, where others, client 0 first, found 100; nobody read after that.',
    },
    {
      title: 'an account overdrawn',
      options: {},
      picture: `
        A  |─ transfer ["a","b",10] ─|
        B                              |─ read → {"a":-1,"b":101} ─|`,
      kind: 'negative balance',
      operations: [1],
      explanation: 'Client 1 read at 0.039 s and found a balance of -1 on a.',
    },
    {
      title: 'no balance where there should be one',
      options: {},
      picture: `
        A  |─ transfer ["a","b",10] ─|
        B                              |─ read → {"a":null,"b":100} ─|`,
      kind: 'missing balance',
      operations: [1],
      explanation: 'Client 1 read at 0.039 s and found ∅ for the balance of a.',
    },
    {
      title: 'an account that there is not',
      options: { accounts: ['a', 'b'], total: 100 },
      picture: `
        A  |─ transfer ["a","b",10] ─|
        B                              |─ read → {"a":50,"b":50,"c":0} ─|`,
      kind: 'unexpected account',
      operations: [1],
      explanation: 'Client 1 read at 0.039 s and found an account c, which there is not, with 0.',
    },
  ])('$title', ({ options, picture, kind, operations, explanation }) => {
    const { valid, anomalies } = judge(bank(options), drawn(picture));
    expect(valid).toBe(false);
    expect(anomalies).toEqual([{ kind, operations, explanation }]);
  });
});

test.each([
  ['nothing was moved', 'A |─ read → {"a":1} ─|', 'nothing was moved'],
  ['nobody read', 'A |─ transfer 1 ─|', 'no read of balances succeeded'],
  [
    'nobody read all',
    'A |─ transfer 1 ─| |─ read → {"a":1} ─| |─ read → {"b":1} ─|',
    'no read returned all accounts',
  ],
  [
    'something else may have changed it',
    'A |─ transfer 1 ─| |─ read → {"a":1} ─| |─ deposit 5 ─| |─ read → {"a":6} ─|',
    'deposit may change the total, so it has to be given',
  ],
])('it is unknown when %s', (_, picture, because) => {
  expect(judge(bank(), drawn(picture))).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining(because) as string,
  });
});

test('balances can be written in any of the usual ways', () => {
  const ways = [
    { 0: 10, 1: 90 },
    [
      [0, 10],
      [1, 90],
    ],
    [
      ['r', 0, 10],
      ['r', 1, 90],
    ],
    [10, 90],
  ];
  for (const way of ways) expect(Object.fromEntries(balancesOf(way) ?? [])).toEqual({ 0: 10, 1: 90 });
  for (const way of [7, null, [['w', 0, 10]], [[0, 10], 'x']]) expect(balancesOf(way)).toBeUndefined();
});

/** Transfers and reads of four accounts; the `torn`th transfer is seen in two parts, with one operation in between. */
function simulated(seed: number, crashed: number, torn?: number): History {
  const accounts = [50, 50, 50, 50];
  let moves = 0;
  let rest: (() => void) | undefined;
  return objectHistory(
    { operations: 200, clients: 5, seed, crashed },
    {
      ask: (_, fraction) =>
        fraction() < 0.5
          ? { f: 'read' }
          : {
              f: 'transfer',
              input: {
                from: Math.floor(fraction() * 4),
                to: Math.floor(fraction() * 4),
                amount: 1 + Math.floor(fraction() * 5),
              },
            },
      answer({ f, input }) {
        if (f === 'read') {
          const output = { ...accounts };
          rest?.();
          rest = undefined;
          return output;
        }
        rest?.();
        rest = undefined;
        const { from, to, amount } = input as { from: number; to: number; amount: number };
        if ((accounts[from] as number) < amount || from === to) return false;
        accounts[from]! -= amount;
        const credit = (): void => void (accounts[to]! += amount);
        if (torn !== undefined && ++moves >= torn) {
          torn = undefined;
          rest = credit;
        } else credit();
        return true;
      },
    },
  );
}

test('a correct bank is never accused; a transfer of which a part is seen is found, whether the total is known or not', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(undefined, 200),
      (seed, torn, total) => {
        const options = total === undefined ? {} : { total };
        expect(judge(bank(options), simulated(seed, 0.05)).valid).toBe(true);
        const history = simulated(seed, 0, torn);
        const wrong = [...history].filter(
          ({ f, output }) =>
            f === 'read' &&
            Object.values(output as object).reduce((a: number, b: number) => a + b, 0) !== 200,
        );
        const { facts, anomalies } = judge(bank(options), history);
        expect(facts['wrong total']).toBe(wrong.length);
        expect(anomalies.flatMap(({ operations }) => operations)).toEqual(
          expect.arrayContaining(wrong.map(({ id }) => id)),
        );
        found += wrong.length;
      },
    ),
    { numRuns: runs(40) },
  );
  expect(found).toBeGreaterThan(0);
});

test('a limit that is met is told, and never taken for an answer', () => {
  const history = drawn('A |─ transfer 1 ─| |─ read → {"a":1} ─| |─ read → {"a":1} ─|');
  for (const limit of [{ deadline: -1 }, { memoryBytes: 1 }])
    expect(bank().check(history, { ...plenty(), ...limit })).toMatchObject({ valid: 'unknown' });
});

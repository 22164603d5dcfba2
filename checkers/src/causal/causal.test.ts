import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { readPlainTransactions } from '../transactions/plain-text.ts';
import { contentOf, recorded, recordedAt } from '../transactions/recorded.testing.ts';
import { fractions, fromSimulation, simulate } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import { causalByForce } from './brute-force.testing.ts';
import { checkCausal } from './causal.ts';
import type { CausalLevel } from './causal.ts';

const LEVELS: readonly CausalLevel[] = ['read committed', 'read atomic', 'CC', 'CCv', 'CM'];

/** Verdicts at every level, of a history in AWDIT's text. */
function levelsOf(text: string): Record<CausalLevel, unknown> {
  const txns = readPlainTransactions(text);
  return Object.fromEntries(LEVELS.map((level) => [level, checkCausal(txns, { level }).valid])) as Record<
    CausalLevel,
    unknown
  >;
}

describe('tells the levels apart:', () => {
  test('a read of the initial value after one’s own write breaks everything from read atomic up', () => {
    expect(levelsOf('w 0 1\n-----\nr 0 0')).toMatchObject({
      'read committed': true,
      'read atomic': false,
      CC: false,
    });
  });
  test('two writes seen in opposite orders are CC and CM but do not converge', () => {
    expect(levelsOf('w 0 1\n-----\nr 0 2\n=====\nw 0 2\n-----\nr 0 1')).toMatchObject({
      CC: true,
      CCv: false,
      CM: true,
    });
  });
  test('a session that goes back on its own order converges, and is no causal memory', () => {
    // CCv and CM need different orders of the writes of 0; the history is that of Bouajjani et al., figure 3(a).
    const text =
      'w 0 1\n-----\nw 1 1\n-----\nr 2 0\n-----\nw 0 2\n-----\nr 0 3\n=====\nw 2 1\n-----\nr 1 0\n-----\nw 0 3';
    expect(levelsOf(text)).toMatchObject({ CC: true, CCv: true });
  });
  test('half of a transaction is a fractured read', () => {
    const text = 'w 0 1\nw 1 1\n=====\nr 0 1\nr 1 0';
    expect(levelsOf(text)).toMatchObject({ 'read committed': false, 'read atomic': false, CC: false });
    expect(levelsOf('w 0 1\nw 1 1\n=====\nr 1 0\nr 0 1')).toMatchObject({
      'read committed': true,
      'read atomic': false,
    });
  });
  test('nothing comes out of thin air', () => {
    expect(levelsOf('w 0 1\n=====\nr 0 7')).toMatchObject({ 'read committed': false });
  });
});

test('an explanation shows the chain of causality', () => {
  const verdict = checkCausal(readPlainTransactions('w 0 1\n-----\nw 1 2\n=====\nr 1 2\n-----\nr 0 0'));
  expect(verdict.anomalies).toEqual([
    {
      kind: 'WriteCOInitRead',
      operations: [0, 1, 2, 3],
      explanation:
        'T0: write 0 1; T1: write 1 2; T2: read 1 → 2; T3: read 0 → nothing. ' +
        'T3 read 0 as it was before anything was written, and yet T0, which wrote it, came before ' +
        '(T0 came before T1, both of client 0, T2 read 2 from 1, which T1 wrote, T2 came before T3, both of client 1).',
      inShort:
        'T3 read 0 as the initial value, though it knew of T0, which wrote 1 to it: T2 read 2 from 1, which T1 wrote.',
    },
  ]);
});

/** Small histories in which every read returns something that was written, whoever wrote it and whenever. */
function anything(seed: number, steps: number): SimulatedTransaction[] {
  const random = fractions(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const rows: SimulatedTransaction[] = [];
  const count = 3 + below(3);
  for (let t = 0; t < count; t++) {
    const ops: SimulatedTransaction['ops'] = [];
    for (let s = 0; s <= below(steps); s++) ops.push([random() < 0.5 ? 'w' : 'r', below(2), t * 10 + s + 1]);
    rows.push({ p: below(3), t: 'ok', i: 2 * t, e: 2 * t + 1, ops });
  }
  for (const row of rows)
    for (const step of row.ops) {
      if (step[0] !== 'r') continue;
      const written = rows.flatMap(({ ops }) => ops.filter(([f, key]) => f === 'w' && key === step[1]));
      step[2] = written[below(written.length + 1)]?.[2] ?? null;
    }
  return rows;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('agrees with brute force on every small history', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 3 }), (seed, steps) => {
      const txns = fromSimulation(anything(seed, steps));
      fc.pre(checkCausal(txns).valid !== 'unknown');
      const truth = causalByForce(txns);
      const found = { CC: true, CCv: true, CM: true };
      for (const level of ['CC', 'CCv', 'CM'] as const)
        found[level] = checkCausal(txns, { level }).valid === true;
      expect(found).toEqual(truth);
    }),
    { numRuns: runs(3000) },
  );
});

test('the hierarchy holds: CCv and CM each imply CC, and CC implies read atomic’s reads of the initial value', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      (seed, isolation) => {
        const txns = simulate({ kind: 'register', transactions: 60, clients: 5, keys: 3, seed, isolation });
        const valid = Object.fromEntries(
          LEVELS.map((level) => [level, checkCausal(txns, { level }).valid === true]),
        );
        expect(valid['CCv'] ? valid['CC'] && valid['read atomic'] && valid['read committed'] : true).toBe(
          true,
        );
        expect(valid['CM'] ? valid['CC'] : true).toBe(true);
      },
    ),
    { numRuns: runs(150) },
  );
});

test('a serializable store is causal in every sense', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const txns = simulate({
        kind: 'register',
        transactions: 200,
        clients: 6,
        seed,
        crashed: 0.02,
        failed: 0.02,
      });
      expect(LEVELS.map((level) => checkCausal(txns, { level }).valid)).toEqual(LEVELS.map(() => true));
    }),
    { numRuns: runs(30) },
  );
});

test('clocks in blocks of few sessions give the same verdicts', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const txns = simulate({
        kind: 'register',
        transactions: 80,
        clients: 7,
        keys: 2,
        seed,
        isolation: 'dirty',
        steps: 1,
      });
      const whole = checkCausal(txns, { level: 'CCv' }).valid;
      expect(checkCausal(txns, { level: 'CCv', clockBytes: 80 * 4 * 2 }).valid).toBe(whole);
    }),
    { numRuns: runs(100) },
  );
});

describe.skipIf(recordedAt === undefined)(
  recordedAt === undefined
    ? 'recorded histories (skipped: LABRYS_HISTORIES names no folder)'
    : 'recorded histories',
  () => {
    test.for(recorded('awdit-tests'))('$file', (entry) => {
      const txns = readPlainTransactions(contentOf(entry));
      const named = { RC: 'read committed', RA: 'read atomic', CC: 'CCv' } as const;
      const found = Object.entries(named).map(([name, level]) => [name, checkCausal(txns, { level }).valid]);
      expect(Object.fromEntries(found)).toEqual(entry.expected);
    });
  },
);

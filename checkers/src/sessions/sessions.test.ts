import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { checkCausal } from '../causal/index.ts';
import { Arrangement } from '../causal/arbitration/arrangement.ts';
import { causalBase } from '../causal/base.ts';
import { Findings } from '../transactions/findings.ts';
import { unlimited } from '../transactions/limits.ts';
import { registerReads } from '../transactions/register-reads.ts';
import { writersOf } from '../transactions/writers.ts';
import { recorded } from '../verify/recorded.ts';
import { wrongSession } from '../verify/sessions.ts';
import { Chains } from './chains.ts';
import { Clients } from './clients.ts';
import { newerWrites } from './newer-writes.ts';
import { staleReads, staleReadsByClocks } from './stale-reads.ts';
import type { Inferred } from './stale-reads.ts';
import { readPlainTransactions } from '../transactions/plain-text.ts';
import { fromSimulation, simulate, simulatedTransactions } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import { checkSessions, GUARANTEES } from './sessions.ts';
import type { Guarantee } from './sessions.ts';

const verdicts = (text: string): Record<Guarantee, unknown> => {
  const { parts } = checkSessions(readPlainTransactions(text), { guarantees: GUARANTEES });
  return Object.fromEntries((parts ?? []).map((part) => [part.checker, part.valid])) as Record<
    Guarantee,
    unknown
  >;
};

describe('names the guarantee that a stale read breaks:', () => {
  test('read your writes', () => {
    expect(verdicts('w 0 1\n-----\nr 0 0')).toMatchObject({
      'read your writes': false,
      'monotonic reads': true,
      PRAM: false,
    });
  });
  test('read your writes, by an older write of one’s own', () => {
    expect(verdicts('w 0 1\n-----\nw 0 2\n-----\nr 0 1')).toMatchObject({ 'read your writes': false });
  });
  test('monotonic reads', () => {
    expect(verdicts('w 0 1\n=====\nr 0 1\n-----\nr 0 0')).toMatchObject({
      'monotonic reads': false,
      'read your writes': true,
    });
    expect(verdicts('w 0 1\n-----\nw 0 2\n=====\nr 0 2\n-----\nr 0 1')).toMatchObject({
      'monotonic reads': false,
    });
  });
  test('monotonic reads, back and forth', () => {
    expect(verdicts('w 0 1\n=====\nw 0 2\n=====\nr 0 1\n-----\nr 0 2\n-----\nr 0 1')).toMatchObject({
      'monotonic reads': false,
    });
  });
  test('monotonic writes', () => {
    expect(verdicts('w 0 1\n-----\nw 1 2\n=====\nr 1 2\n-----\nr 0 0')).toMatchObject({
      'monotonic writes': false,
      'monotonic reads': true,
      PRAM: false,
    });
  });
  test('writes follow reads, which PRAM does not promise', () => {
    expect(verdicts('w 0 1\n=====\nr 0 1\n-----\nw 1 2\n=====\nr 1 2\n-----\nr 0 0')).toMatchObject({
      'writes follow reads': false,
      'monotonic writes': true,
      PRAM: true,
    });
  });
});

test('what only causality calls older is told, and proves nothing', () => {
  // 2 was written by someone who had read 1; the process that wrote 2 reads 1 again.
  const { parts } = checkSessions(readPlainTransactions('w 0 1\n=====\nr 0 1\n-----\nw 0 2\n-----\nr 0 1'));
  expect(parts?.[0]).toMatchObject({
    checker: 'read your writes',
    valid: 'unknown',
    facts: { certain: 0, inferred: 1 },
  });
  expect(parts?.[0]?.anomalies[0]?.kind).toBe('read your writes (inferred)');
});

test('explains in words', () => {
  const { anomalies } = checkSessions(readPlainTransactions('w 0 1\n-----\nr 0 0'));
  expect(anomalies[0]?.explanation).toBe(
    'Client 0 wrote 1 to 0 in T0, and then T1 read 0 as the initial value.',
  );
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('whatever is causally consistent keeps all the guarantees, and CM keeps PRAM', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('snapshot', 'read committed', 'dirty' as const), (seed, isolation) => {
      const txns = simulate({
        kind: 'register',
        transactions: 40,
        clients: 4,
        keys: 3,
        seed,
        isolation,
        steps: 2,
        corrupted: 0.02,
      });
      fc.pre(checkCausal(txns, { level: 'CM' }).valid === true);
      const { parts } = checkSessions(txns, { guarantees: GUARANTEES });
      expect((parts ?? []).filter((part) => part.valid === false)).toEqual([]);
    }),
    { numRuns: runs(150) },
  );
});

test('looking back from each read and vector clocks find the same stale reads', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      fc.constantFrom(0, 0.02),
      fc.boolean(),
      (seed, isolation, corrupted, timed) => {
        const simulated = simulate({
          kind: 'register',
          transactions: 60,
          clients: 5,
          keys: 3,
          seed,
          isolation,
          corrupted,
          crashed: 0.05,
        });
        const txns = { ...simulated, timed };
        const limits = unlimited();
        const reads = registerReads(txns, writersOf(txns, limits), new Findings(), limits);
        const base = causalBase(txns, reads, limits);
        const arrangement = new Arrangement(base, limits);
        fc.pre(arrangement.order.length === base.members.length);
        const clients = new Clients(base);
        const newer = newerWrites(base, clients, limits);
        const chains = new Chains(base, arrangement.rank, limits);
        const counts = ({ found }: Inferred): readonly boolean[] =>
          CLASSICAL.flatMap((each) => [found.count(each, true) > 0, found.count(each, false) > 0]);
        expect(counts(staleReads(base, clients, newer, limits))).toEqual(
          counts(staleReadsByClocks(base, clients, newer, chains, limits)),
        );
      },
    ),
    { numRuns: runs(300) },
  );
});

/** As if clients that never got an answer had gone on, rather than others in their stead. */
function withoutRetiring(rows: readonly SimulatedTransaction[], clients: number): SimulatedTransaction[] {
  const client = new Map(Array.from({ length: clients }, (_, p) => [p, p]));
  return rows.map((row) => {
    const p = client.get(row.p) as number;
    if (row.t === 'info') client.set(client.size, p);
    return { ...row, p };
  });
}

const CLASSICAL = GUARANTEES.slice(0, 4) as readonly Exclude<Guarantee, 'PRAM'>[];

test('each guarantee is refuted exactly where its definition says so, whatever else is wrong', () => {
  const refuted = new Map<string, number>();
  fc.assert(
    fc.property(
      seeds,
      fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      fc.integer({ min: 1, max: 2 }),
      fc.boolean(),
      (seed, isolation, steps, staying) => {
        const drawn = simulatedTransactions({
          kind: 'register',
          transactions: 14,
          clients: 3,
          keys: 3,
          seed,
          isolation,
          steps,
          corrupted: 0.15,
          crashed: 0.1,
        });
        const rows = staying ? withoutRetiring(drawn, 3) : drawn;
        const txns = fromSimulation(rows);
        // Reads of what nobody wrote, and reads that changed under way, are other anomalies, about which sessions say nothing.
        const findings = new Findings();
        const { again } = registerReads(txns, writersOf(txns, unlimited()), findings, unlimited());
        fc.pre(again.length === 0 && findings.found.length === 0);
        const all = rows.map((_, id) => id);
        const { parts = [] } = checkSessions(txns);
        for (const guarantee of CLASSICAL) {
          const part = parts.find(({ checker }) => checker === guarantee);
          if (!part) continue;
          const claim = { kind: guarantee, operations: all, explanation: '' };
          const broken = wrongSession(recorded(txns), claim, guarantee) === undefined;
          expect([guarantee, part.valid === false]).toEqual([guarantee, broken]);
          if (broken) refuted.set(guarantee, (refuted.get(guarantee) ?? 0) + 1);
        }
      },
    ),
    { numRuns: runs(600) },
  );
  expect(refuted.size).toBe(CLASSICAL.length);
});

test('a read that passed over what its client had read itself is told as that, though others wrote there since', () => {
  expect(
    verdicts('w 0 1\n-----\nw 0 2\n=====\nr 0 1\n-----\nr 1 9\n-----\nr 0 0\n=====\nr 0 2\n-----\nw 1 9'),
  ).toMatchObject({ 'monotonic reads': false, 'writes follow reads': false, PRAM: false });
});

test('clients who see what is written only after they have answered it contradict each other', () => {
  expect(verdicts('r 0 1\n-----\nw 1 2\n=====\nr 1 2\n-----\nw 0 1')).toMatchObject({
    'writes follow reads': false,
  });
});

test('what nobody wrote breaks whatever was promised', () => {
  const { valid, anomalies } = checkSessions(readPlainTransactions('w 0 1\n=====\nr 0 7'));
  expect([valid, anomalies.map(({ kind }) => kind)]).toEqual([false, ['thin-air read']]);
});

test('single operations on a store that keeps its promises pass', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const txns = simulate({ kind: 'register', transactions: 300, clients: 6, keys: 3, seed, steps: 1 });
      expect(checkSessions(txns, { guarantees: GUARANTEES }).valid).toBe(true);
    }),
    { numRuns: runs(50) },
  );
});

test('a read of the initial value after one’s own write is found wherever it is planted', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const rows = simulatedTransactions({
        kind: 'register',
        transactions: 200,
        clients: 4,
        keys: 2,
        seed,
        steps: 1,
      });
      const wrote = new Set<string>();
      const stale = rows.findIndex((row) => {
        const [f, key] = row.ops[0] as (typeof row.ops)[number];
        if (f === 'w') wrote.add(`${row.p} ${key}`);
        return f === 'r' && wrote.has(`${row.p} ${key}`);
      });
      fc.pre(stale >= 0);
      const step = rows[stale]?.ops[0];
      if (step) step[2] = null;
      const verdict = checkSessions(fromSimulation(rows), { guarantees: ['read your writes'] });
      expect(verdict.valid).toBe(false);
      expect(verdict.anomalies.some(({ operations }) => operations.includes(stale))).toBe(true);
    }),
    { numRuns: runs(60) },
  );
});

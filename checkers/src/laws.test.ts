import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCausal } from './causal/index.ts';
import type { CheckContext, Verdict } from './checker.ts';
import { registerHistory } from './generate/register-history.ts';
import { fromSimulation, simulatedTransactions } from './generate/transaction-history.ts';
import type { SimulatedTransaction } from './generate/transaction-history.ts';
import { linearizable } from './linearizable/linearizable.ts';
import { plenty, runs } from './linearizable/testing.ts';
import { anyHistory } from './table/table.ts';
import { casRegister } from './models/index.ts';
import { checkSequential } from './sequential/index.ts';
import { checkSessions, GUARANTEES } from './sessions/index.ts';
import { checkListAppend, checkRwRegister, LEVELS, transactionsOf } from './transactions/index.ts';
import type { Consistency, Transactions } from './transactions/index.ts';

const context: CheckContext = plenty();

/** From the strongest promise to the weakest. Each implies those after it, but for the two kinds of causality. */
function strengths(txns: Transactions): Readonly<Record<string, Verdict['valid']>> {
  const causal = (level: 'CM' | 'CCv' | 'CC'): Verdict['valid'] => checkCausal(txns, { level }).valid;
  return {
    sequential: checkSequential(txns, {}, context).valid,
    CCv: causal('CCv'),
    CM: causal('CM'),
    CC: causal('CC'),
    ...Object.fromEntries(
      GUARANTEES.map((guarantee) => [guarantee, checkSessions(txns, { guarantees: [guarantee] }).valid]),
    ),
  };
}

const weakerThan: Readonly<Record<string, readonly string[]>> = {
  sequential: ['CCv', 'CM'],
  CCv: ['CC'],
  CM: ['CC', 'PRAM', 'read your writes', 'monotonic reads', 'monotonic writes', 'writes follow reads'],
  CC: ['read your writes', 'monotonic writes', 'writes follow reads'],
  PRAM: ['read your writes', 'monotonic reads', 'monotonic writes'],
};

test('what is linearizable is sequential, what is sequential is causal, what is causal keeps what sessions rely on', () => {
  const load = fc.record({
    seed: fc.nat(),
    operations: fc.integer({ min: 2, max: 40 }),
    clients: fc.integer({ min: 1, max: 5 }),
    keys: fc.integer({ min: 1, max: 3 }),
    crashed: fc.constantFrom(0, 0.1),
    lies: fc.array(fc.record({ at: fc.nat(), value: fc.nat() }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(load, ({ lies, ...asked }) => {
      const { history } = registerHistory(asked);
      const reads = Array.from(history.f.keys()).filter(
        (row) => history.names[history.f[row] as number] === 'read' && history.outcome[row] === 0,
      );
      for (const { at, value } of lies) {
        const row = reads[at % reads.length];
        if (row !== undefined) history.output[row] = 1 + (value % asked.operations);
      }
      const top = (linearizable(casRegister).check(history as never, context) as Verdict).valid;
      const valid = { linearizable: top, ...strengths(transactionsOf(anyHistory(history))) } as Record<
        string,
        Verdict['valid']
      >;
      const broken = Object.entries({ linearizable: ['sequential'], ...weakerThan }).flatMap(
        ([strong, weak]) =>
          valid[strong] === true
            ? weak.filter((name) => valid[name] === false).map((name) => `${strong}, not ${name}`)
            : [],
      );
      expect(broken).toEqual([]);
    }),
    { numRuns: runs(200) },
  );
});

const drawn = (kind: 'append' | 'register'): fc.Arbitrary<SimulatedTransaction[]> =>
  fc
    .record({
      seed: fc.nat(),
      isolation: fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      corrupted: fc.constantFrom(0, 0, 0.03),
      transactions: fc.integer({ min: 2, max: 25 }),
      clients: fc.integer({ min: 1, max: 5 }),
    })
    .map((load) => simulatedTransactions({ kind, keys: 3, crashed: 0.05, failed: 0.05, ...load }));

type Law = (rows: readonly SimulatedTransaction[], at: number) => SimulatedTransaction[];

/** What must not change anything that is known. */
const same: Readonly<Record<string, Law>> = {
  'other names of keys, values and processes': (rows) =>
    rows.map((row) => ({
      ...row,
      p: 1000 - row.p,
      ops: row.ops.map(([f, key, value]) => [f, `k${key}`, renamed(value)]),
    })),
  'later times': (rows) =>
    rows.map((row) => ({ ...row, i: row.i + 17, e: row.e === null ? null : row.e + 17 })),
  'a transaction that failed, and one that does nothing and is never heard of again': (rows) => [
    ...rows,
    { p: 901, t: 'fail', i: endOf(rows) + 1, e: endOf(rows) + 2, ops: [['w', 'elsewhere', 1]] },
    { p: 902, t: 'info', i: endOf(rows) + 3, e: null, ops: [['r', 0, undefined]] },
  ],
};

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  return typeof value === 'number' ? `v${value}` : value;
}

function endOf(rows: readonly SimulatedTransaction[]): number {
  return Math.max(...rows.map(({ i, e }) => Math.max(i, e ?? 0)));
}

const checks = { append: checkListAppend, register: checkRwRegister } as const;

test.each(
  (['append', 'register'] as const).flatMap((kind) => Object.keys(same).map((law) => ({ kind, law }))),
)('transactions over $kind: $law change nothing of the consistency map', ({ kind, law }) => {
  fc.assert(
    fc.property(drawn(kind), fc.nat(), (rows, at) => {
      const map = (some: readonly SimulatedTransaction[]): Consistency =>
        checks[kind](fromSimulation(some)).levels;
      expect(map((same[law] as Law)(rows, at))).toEqual(map(rows));
    }),
    { numRuns: runs(60) },
  );
});

test.each(['append', 'register'] as const)(
  'transactions over %s: without some of its reads, what was proven is not refuted',
  (kind) => {
    fc.assert(
      fc.property(drawn(kind), fc.nat(), (rows, at) => {
        const before = checks[kind](fromSimulation(rows)).levels;
        let read = 0;
        const fewer = rows.map((row) => ({
          ...row,
          ops: row.ops.map((step): typeof step =>
            step[0] === 'r' && read++ % 3 === at % 3 ? ['r', step[1], undefined] : step,
          ),
        }));
        const after = checks[kind](fromSimulation(fewer)).levels;
        expect(LEVELS.filter((level) => before[level] === 'proven' && after[level] === 'refuted')).toEqual(
          [],
        );
      }),
      { numRuns: runs(100) },
    );
  },
);

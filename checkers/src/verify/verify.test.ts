import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Anomaly, Verdict } from '../checker.ts';
import { checkCausal } from '../causal/index.ts';
import { simulatedTransactions, fromSimulation } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import { runs } from '../linearizable/testing.ts';
import { checkSequential } from '../sequential/index.ts';
import { checkSessions, GUARANTEES } from '../sessions/index.ts';
import { checkListAppend, checkRwRegister, LEVELS } from '../transactions/index.ts';
import type { Transactions } from '../transactions/index.ts';
import { verify } from './verify.ts';

/** Everything whose verdicts can be checked, but linearizability, whose tests hold every verdict to `verify` anyway. */
const judges: Readonly<
  Record<string, { kind: 'append' | 'register'; steps: number; judge: (txns: Transactions) => Verdict }>
> = Object.fromEntries([
  ...LEVELS.map((level) => [
    `list-append ${level}`,
    { kind: 'append', steps: 3, judge: (txns: Transactions) => checkListAppend(txns, { level }) },
  ]),
  ...LEVELS.map((level) => [
    `rw-register ${level}`,
    { kind: 'register', steps: 3, judge: (txns: Transactions) => checkRwRegister(txns, { level }) },
  ]),
  ...(['read committed', 'read atomic', 'CC', 'CCv', 'CM'] as const).map((level) => [
    `causal ${level}`,
    { kind: 'register', steps: 2, judge: (txns: Transactions) => checkCausal(txns, { level }) },
  ]),
  ['sequential', { kind: 'register', steps: 1, judge: checkSequential }],
  [
    'sessions',
    {
      kind: 'register',
      steps: 1,
      judge: (txns: Transactions) => checkSessions(txns, { guarantees: GUARANTEES }),
    },
  ],
]);

const drawn = (kind: 'append' | 'register', steps: number): fc.Arbitrary<SimulatedTransaction[]> =>
  fc
    .record({
      seed: fc.nat(),
      isolation: fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      corrupted: fc.constantFrom(0, 0.05, 0.2),
      transactions: fc.integer({ min: 2, max: 30 }),
      clients: fc.integer({ min: 1, max: 5 }),
      keys: fc.integer({ min: 1, max: 3 }),
    })
    .map((load) => simulatedTransactions({ kind, steps, crashed: 0.05, failed: 0.05, ...load }));

const names = Object.keys(judges);

/** Whose verdicts were seen to be wrong, and not believed when changed. A single one may draw nothing but valid histories. */
const reached = {
  refuted: new Set<string>(),
  tampered: new Set<string>(),
  refused: new Set<string>(),
};

test.each(names)('what %s says can be checked, whichever way it decides', (name) => {
  const { kind, steps, judge } = judges[name] as (typeof judges)[string];
  const seen = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(drawn(kind, steps), (rows) => {
      const txns = fromSimulation(rows);
      const verdict = judge(txns);
      seen[`${verdict.valid}`]++;
      if (verdict.valid === 'unknown') return;
      const wrong = verify(verdict, txns);
      if (verdict.valid) expect(wrong ?? 'carries no proof').toMatch(/carries no proof/);
      else expect(wrong).toBeUndefined();
      if (/serializable$|sequential/.test(name) && verdict.valid) expect(wrong).toBeUndefined();
    }),
    { numRuns: runs(60) },
  );
  if (seen.false > 0) reached.refuted.add(name);
});

test.each(names.filter((name) => /serializable$|sequential/.test(name)))(
  'a proof of %s does not survive tampering',
  (name) => {
    const { kind, steps, judge } = judges[name] as (typeof judges)[string];
    let tampered = 0;
    fc.assert(
      fc.property(drawn(kind, steps), fc.nat(), fc.nat(), (rows, a, b) => {
        const txns = fromSimulation(rows);
        const verdict = judge(txns) as Verdict & { readonly order?: readonly number[] };
        const { order } = verdict;
        if (verdict.valid !== true || !order || order.length < 2) return;
        const [i, j] = [a % order.length, b % order.length];
        const ok = order.find((id) => rows[id]?.t === 'ok');
        const as = (changed: readonly number[]): string | undefined =>
          verify({ ...verdict, order: changed } as Verdict, txns);
        if (ok !== undefined) expect(as(order.filter((id) => id !== ok))).toBeDefined();
        expect(as([...order, order[i] as number])).toMatch(/twice/);
        expect(as([...order, rows.length + 3])).toMatch(/did not happen/);
        // Another order may be right as well. If it is said to be, it has to be.
        const swapped = order.with(i, order[j] as number).with(j, order[i] as number);
        if (i !== j && as(swapped) !== undefined) tampered++;
      }),
      { numRuns: runs(40) },
    );
    if (tampered > 0) reached.tampered.add(name);
  },
);

test.each(names)(
  'a counterexample of %s does not survive the loss of any of its operations, nor a valid history the claim of one',
  (name) => {
    const { kind, steps, judge } = judges[name] as (typeof judges)[string];
    let refused = 0;
    fc.assert(
      fc.property(drawn(kind, steps), fc.nat(), (rows, at) => {
        const txns = fromSimulation(rows);
        const verdict = judge(txns);
        const claim = (anomaly: Anomaly): string | undefined =>
          verify({ ...verdict, valid: false, anomalies: [anomaly] }, txns);
        if (verdict.valid === true) {
          const from = at % rows.length;
          const operations = rows.map((_, id) => id).slice(from, from + 7);
          // A claim against a valid history is never believed.
          expect(claim({ kind: 'G2-item', operations, explanation: '' })).toBeDefined();
        }
        if (verdict.valid !== false) return;
        const [anomaly] = verdict.anomalies.filter(
          ({ allowed, kind: named }) => !allowed && !named.endsWith('(inferred)'),
        );
        if (!anomaly) return;
        const { cycle: _, ...bare } = anomaly;
        expect(claim({ ...anomaly, operations: [...anomaly.operations, rows.length + 1] })).toMatch(
          /no operation/,
        );
        for (const gone of anomaly.operations) {
          const operations = anomaly.operations.filter((id) => id !== gone);
          if (claim({ ...bare, operations }) !== undefined) refused++;
        }
      }),
      { numRuns: runs(40) },
    );
    if (refused > 0) reached.refused.add(name);
  },
);

test('the tests above have seen what they are about', () => {
  expect(reached.refuted.size).toBeGreaterThan(names.length / 2);
  expect(reached.tampered.size).toBeGreaterThan(0);
  expect(reached.refused.size).toBeGreaterThan(names.length / 4);
});

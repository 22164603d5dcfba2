import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../linearizable/testing.ts';
import { fromSimulation, simulatedTransactions } from '../../generate/transaction-history.ts';
import { Findings } from '../../transactions/findings.ts';
import { unlimited } from '../../transactions/limits.ts';
import { WW } from '../../transactions/graph.ts';
import { registerReads } from '../../transactions/register-reads.ts';
import { writersOf } from '../../transactions/writers.ts';
import { causalBase } from '../base.ts';
import { orderCycle } from '../commit-order.ts';
import { arbitrate } from './arbitration.ts';
import { Arrangement } from './arrangement.ts';
import { arbitrateByClocks } from './by-clocks.ts';

test('mending an order and vector clocks agree, with and without times, however sessions are listed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const),
      fc.constantFrom(0, 0.01, 0.1),
      fc.constantFrom('as it came', 'untimed', 'session by session' as const),
      (seed, isolation, corrupted, listed) => {
        const rows = simulatedTransactions({
          kind: 'register',
          transactions: 60,
          clients: 5,
          keys: 3,
          seed,
          isolation,
          corrupted,
          crashed: 0.05,
        });
        if (listed === 'session by session') rows.sort((a, b) => a.p - b.p);
        const simulated = fromSimulation(rows);
        const txns = listed === 'as it came' ? simulated : { ...simulated, timed: false };
        const limits = unlimited();
        const reads = registerReads(txns, writersOf(txns, limits), new Findings(), limits);
        const base = causalBase(txns, reads, limits);
        const arrangement = new Arrangement(base, limits);
        fc.pre(arrangement.order.length === base.members.length);
        const byClocks = arbitrateByClocks(base, arrangement.order.slice(), 4 * 60 * 2, limits);
        const mended = arbitrate(base, arrangement, limits);
        const holds = !('stale' in byClocks) && orderCycle(base, byClocks.passed, WW, limits) === undefined;
        expect(mended.holds).toBe(holds);
        if ('passed' in mended) expect(orderCycle(base, mended.passed, WW, limits)).not.toBe(undefined);
      },
    ),
    { numRuns: runs(400) },
  );
});

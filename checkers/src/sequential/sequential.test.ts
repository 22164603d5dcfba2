import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { checkCausal } from '../causal/index.ts';
import { checkSessions } from '../sessions/index.ts';
import { serializableByForce } from '../transactions/brute-force.testing.ts';
import { readPlainTransactions } from '../transactions/plain-text.ts';
import { replay, respects } from '../transactions/replay.ts';
import { fractions, fromSimulation, simulate } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import { searchFrontiers } from './frontiers.ts';
import { checkSequential } from './sequential.ts';

describe('what sequential consistency allows and forbids:', () => {
  test('a stale read is allowed, going back is not', () => {
    expect(checkSequential(readPlainTransactions('w 0 1\n=====\nr 0 0\n-----\nr 0 1')).valid).toBe(true);
    expect(checkSequential(readPlainTransactions('w 0 1\n=====\nr 0 1\n-----\nr 0 0')).valid).toBe(false);
  });
  test('two processes that see two writes in opposite orders (independent reads of independent writes)', () => {
    const text = 'w 0 1\n=====\nw 1 1\n=====\nr 0 1\n-----\nr 1 0\n=====\nr 1 1\n-----\nr 0 0';
    const verdict = checkSequential(readPlainTransactions(text));
    expect(verdict.valid).toBe(false);
    expect(checkCausal(readPlainTransactions(text)).valid).toBe(true);
  });
  test('each key alone is sequential, and both together are not', () => {
    const text = 'w 0 1\n-----\nr 1 0\n=====\nw 1 1\n-----\nr 0 0';
    expect(checkSequential(readPlainTransactions(text)).valid).toBe(false);
  });
  test('an unknown says how far it got', () => {
    const rows = repeating(7, 40);
    const verdict = checkSequential(fromSimulation(rows), { frontiersMax: 3 });
    expect(verdict.valid).toBe('unknown');
    expect(verdict.because).toMatch(
      /^out of memory: there may be 3 frontiers, after 3 frontiers, the furthest of them process \d+ at \d+.*\. Proven meanwhile: .+\. Try more time or memory/,
    );
  });
});

/** Single operations with few values, so that nobody can tell whose write was read. */
function repeating(seed: number, count: number): SimulatedTransaction[] {
  const random = fractions(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, t): SimulatedTransaction => {
    const f = random() < 0.5 ? 'w' : 'r';
    const value = f === 'w' ? 1 + below(2) : ([null, 1, 2][below(3)] ?? null);
    return {
      p: below(3),
      t: random() < 0.1 && f === 'w' ? 'info' : 'ok',
      i: 2 * t,
      e: 2 * t + 1,
      ops: [[f, below(2), value]],
    };
  });
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('the search of frontiers agrees with brute force where values repeat', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 3, max: 6 }), (seed, count) => {
      const txns = fromSimulation(repeating(seed, count));
      const search = searchFrontiers(txns, 1e6, () => false);
      expect(search.found).toBe(serializableByForce(txns, 'sessions'));
      const order = search.found === true ? search.order : undefined;
      expect(order && (replay(txns, order) ?? respects(txns, order, 'sessions'))).toBe(undefined);
    }),
    { numRuns: runs(1000) },
  );
});

test('the order of versions and the search of frontiers agree where values are unique', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('dirty', 'serializable' as const), (seed, isolation) => {
      const txns = simulate({
        kind: 'register',
        transactions: 14,
        clients: 3,
        keys: 2,
        steps: 1,
        seed,
        isolation,
        corrupted: 0.1,
      });
      fc.pre(checkSessions(txns).because === undefined || txns.length > 0);
      const verdict = checkSequential(txns);
      fc.pre(verdict.valid !== 'unknown');
      expect(searchFrontiers(txns, 1e6, () => false).found).toBe(verdict.valid);
    }),
    { numRuns: runs(300) },
  );
});

test('sequential implies causal in every sense, and the session guarantees', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const txns = simulate({
        kind: 'register',
        transactions: 25,
        clients: 4,
        keys: 2,
        steps: 1,
        seed,
        corrupted: 0.03,
      });
      fc.pre(checkSequential(txns).valid === true);
      expect(['CC', 'CCv', 'CM'].map((level) => checkCausal(txns, { level: level as 'CC' }).valid)).toEqual([
        true,
        true,
        true,
      ]);
      expect(checkSessions(txns).valid).not.toBe(false);
    }),
    { numRuns: runs(150) },
  );
});

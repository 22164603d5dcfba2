import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { serializableByForce, snapshotIsolatedByForce } from './brute-force.testing.ts';
import { implies, LEVELS } from './levels.ts';
import { readNeutralTransactions } from './neutral.ts';
import { readPlainTransactions } from './plain-text.ts';
import { contentOf, recorded, recordedAt } from './recorded.testing.ts';
import { respects } from './replay.ts';
import { checkRwRegister } from './rw-register.ts';
import {
  fractions,
  fromSimulation,
  simulate,
  simulatedTransactions,
} from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';

const kinds = (text: string): string[] =>
  checkRwRegister(readPlainTransactions(text)).anomalies.map((anomaly) => anomaly.kind);

describe('names what is wrong:', () => {
  test('lost update', () => {
    expect(kinds('r 0 0\nw 0 1\n=====\nr 0 0\nw 0 2')).toContain('lost update');
  });
  test('a second read of the same register in a transaction, out of thin air or of the middle of another', () => {
    expect(kinds('w 0 1\n=====\nr 0 1\nr 0 7')).toContain('thin-air read');
    expect(kinds('w 0 1\nw 0 2\n=====\nr 0 2\nr 0 1')).toContain('G1b');
    expect(kinds('w 0 1\nr 1 2\n=====\nw 1 2\nr 0 0\nr 0 1')).toContain('G1c');
  });
  test('a transaction that saw its own write once, and then no more, breaks every level', () => {
    const { levels } = checkRwRegister(readPlainTransactions('w 0 1\nr 0 1\nr 0 2\n=====\nw 0 2'));
    expect(levels['read uncommitted']).toBe('refuted');
  });
  test('write skew', () => {
    expect(kinds('r 0 0\nw 1 1\n=====\nr 1 0\nw 0 2')).toEqual(['G2-item']);
  });
  test('a value out of thin air, which no order of anything explains', () => {
    expect(kinds('w 0 1\n=====\nr 0 7')).toContain('thin-air read');
    expect(checkRwRegister(readPlainTransactions('w 0 1\n=====\nr 0 7')).levels['read uncommitted']).toBe(
      'refuted',
    );
  });
  test('information that flows in a circle', () => {
    expect(kinds('w 0 1\nr 1 2\n=====\nw 1 2\nr 0 1')).toContain('G1c');
  });
  test('a read of the middle of a transaction', () => {
    expect(kinds('w 0 1\nw 0 2\n=====\nr 0 1')).toContain('G1b');
  });
  test('a long fork of blind writes, for which every order of versions fails', () => {
    const text = 'w 0 1\n=====\nw 0 2\n=====\nr 0 1\n-----\nr 0 2\n=====\nr 0 2\n-----\nr 0 1';
    const { levels } = checkRwRegister(readPlainTransactions(text));
    expect(levels).toMatchObject({ serializable: 'proven', 'strong session serializable': 'refuted' });
  });
});

/** Small histories in which every read returns something that was written, whoever wrote it and whenever. */
function anything(seed: number): SimulatedTransaction[] {
  const random = fractions(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const rows: SimulatedTransaction[] = [];
  let event = 0;
  const count = 3 + below(3);
  for (let t = 0; t < count; t++) {
    const ops: SimulatedTransaction['ops'] = [];
    for (let s = 0; s <= below(3); s++) ops.push([random() < 0.5 ? 'w' : 'r', below(2), t * 10 + s + 1]);
    const p = below(3);
    const earlier = rows.find((row) => row.p === p && row.e === null);
    if (earlier) earlier.e = event++;
    rows.push({ p, t: 'ok', i: event++, e: random() < 0.5 ? event++ : null, ops });
  }
  for (const row of rows) row.e ??= event++;
  for (const row of rows)
    for (const step of row.ops) {
      if (step[0] !== 'r') continue;
      const written = rows.flatMap(({ ops }) => ops.filter(([f, key]) => f === 'w' && key === step[1]));
      step[2] = written[below(written.length + 1)]?.[2] ?? null;
    }
  return rows;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const isolations = fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const);

/** Levels on which the checker and brute force disagree; `unknown` is only for histories without reads. */
function disagreements(rows: readonly SimulatedTransaction[]): unknown[] {
  const txns = fromSimulation(rows);
  const { levels, because } = checkRwRegister(txns);
  if (because?.startsWith('no transaction')) return [];
  const truth = {
    serializable: serializableByForce(txns, 'nothing'),
    'strong session serializable': serializableByForce(txns, 'sessions'),
    'strict serializable': serializableByForce(txns, 'real time'),
    'snapshot isolation': snapshotIsolatedByForce(txns, 'nothing'),
    'strong session snapshot isolation': snapshotIsolatedByForce(txns, 'sessions'),
    'strong snapshot isolation': snapshotIsolatedByForce(txns, 'real time'),
  } as const;
  return Object.entries(truth)
    .filter(([level, holds]) => levels[level as keyof typeof truth] !== (holds ? 'proven' : 'refuted'))
    .map(([level, holds]) => ({ level, holds, found: levels[level as keyof typeof truth] }));
}

test('agrees with brute force on every small history of anything', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(disagreements(anything(seed))).toEqual([]);
    }),
    { numRuns: runs(1500) },
  );
});

test('contradicts brute force nowhere where transactions write the same value: it may not know', () => {
  const few = (rows: readonly SimulatedTransaction[]): SimulatedTransaction[] =>
    rows.map((row) => ({
      ...row,
      ops: row.ops.map(([f, key, value]) => [f, key, typeof value === 'number' ? (value * 7) % 3 : value]),
    }));
  fc.assert(
    fc.property(seeds, (seed) => {
      const wrong = disagreements(few(anything(seed))) as { readonly found: string }[];
      expect(wrong.filter(({ found }) => found !== 'unknown')).toEqual([]);
    }),
    { numRuns: runs(1500) },
  );
});

test('a value that two transactions write is two versions: neither comes right after what one of them read', () => {
  const txns = fromSimulation([
    {
      p: 0,
      t: 'ok',
      i: 0,
      e: 1,
      ops: [
        ['r', 'x', null],
        ['w', 'x', 2],
      ],
    },
    { p: 0, t: 'ok', i: 2, e: 3, ops: [['w', 'x', 3]] },
    { p: 0, t: 'ok', i: 4, e: 5, ops: [['w', 'x', 2]] },
  ] as unknown as SimulatedTransaction[]);
  expect(checkRwRegister(txns).levels['strict serializable']).not.toBe('refuted');
});

test('agrees with brute force on small histories of real stores', () => {
  fc.assert(
    fc.property(seeds, isolations, fc.constantFrom(0, 0.1), (seed, isolation, corrupted) => {
      const rows = simulatedTransactions({
        kind: 'register',
        transactions: 5,
        clients: 3,
        steps: 3,
        keys: 2,
        seed,
        isolation,
        corrupted,
        crashed: 0.1,
        failed: 0.1,
      });
      expect(disagreements(rows)).toEqual([]);
    }),
    { numRuns: runs(800) },
  );
});

test('the map is monotone, and a store that keeps its promise is never accused', () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, readBeforeWrite) => {
      const promised = {
        kind: 'register',
        transactions: 120,
        clients: 5,
        keys: 4,
        seed,
        crashed: 0.02,
        readBeforeWrite,
      } as const;
      const serial = checkRwRegister(simulate(promised), { level: 'strict serializable' });
      expect(serial.valid).toBe(true);
      expect(respects(simulate(promised), serial.order ?? [], 'real time')).toBe(undefined);
      const { levels } = checkRwRegister(simulate({ ...promised, isolation: 'snapshot' }));
      expect(levels['strong snapshot isolation']).not.toBe('refuted');
      const broken = LEVELS.flatMap((strong) =>
        LEVELS.filter((weak) => implies(strong, weak)).filter(
          (weak) => levels[weak] === 'refuted' && levels[strong] !== 'refuted',
        ),
      );
      expect(broken).toEqual([]);
    }),
    { numRuns: runs(25) },
  );
});

test('a refutation is closed: its transactions alone are refuted too', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('snapshot', 'read committed' as const), (seed, isolation) => {
      const rows = simulatedTransactions({
        kind: 'register',
        transactions: 40,
        clients: 5,
        keys: 3,
        seed,
        isolation,
      });
      const verdict = checkRwRegister(fromSimulation(rows), { level: 'strict serializable' });
      const open = verdict.anomalies.filter(
        ({ operations }) =>
          checkRwRegister(fromSimulation(rows.filter((_, t) => operations.includes(t))), {
            level: 'strict serializable',
          }).valid !== false,
      );
      expect(verdict.valid === false ? verdict.anomalies.length : 1).toBeGreaterThan(0);
      expect(open).toEqual([]);
    }),
    { numRuns: runs(40) },
  );
});

describe.skipIf(recordedAt === undefined)(
  recordedAt === undefined
    ? 'recorded histories (skipped: LABRYS_HISTORIES names no folder)'
    : 'recorded histories',
  () => {
    test.for(recorded('cobra'))('serializable or not: $file', (entry) => {
      const verdict = checkRwRegister(readNeutralTransactions(contentOf(entry)), { level: 'serializable' });
      expect(verdict.valid).toBe(entry.expected['serializable']);
    });
    test.for(recorded('polysi'))('snapshot isolated or not: $file', (entry) => {
      const verdict = checkRwRegister(readNeutralTransactions(contentOf(entry)), {
        level: 'strong session snapshot isolation',
      });
      expect(verdict.valid).toBe(entry.expected['snapshot_isolation']);
    });
  },
);

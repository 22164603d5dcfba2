import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { serializableByForce, snapshotIsolatedByForce } from './brute-force.testing.ts';
import { implies, LEVELS } from './levels.ts';
import type { Consistency, Level } from './levels.ts';
import { checkListAppend } from './list-append.ts';
import { readNeutralTransactions } from './neutral.ts';
import { respects } from './replay.ts';
import { fromSimulation, simulate, simulatedTransactions } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';

/** `p0 a x 1, r y [2]` a line: process, then steps. Lines follow one another in real time unless they start with `|`. */
function history(...lines: string[]): SimulatedTransaction[] {
  let event = 0;
  const rows = lines.map((line): SimulatedTransaction => {
    const [, concurrent, process, ending, steps] = /^(\|?)\s*p(\d+)(!|\?)? (.*)$/.exec(
      line,
    ) as unknown as string[];
    const ops = (steps as string).split(', ').map((step): SimulatedTransaction['ops'][number] => {
      const [f, key, ...value] = step.split(' ');
      return [f as 'r', key as string, JSON.parse(value.join(' '))];
    });
    const t = ending === '!' ? 'fail' : ending === '?' ? 'info' : 'ok';
    const i = concurrent ? -1 : event++;
    return { p: Number(process), t, i, e: concurrent || t === 'info' ? null : event++, ops };
  });
  return rows.map((row) => (row.i === -1 ? { ...row, i: 0, e: row.t === 'info' ? null : event } : row));
}

const kinds = (...lines: string[]): string[] =>
  checkListAppend(fromSimulation(history(...lines))).anomalies.map((anomaly) => anomaly.kind);

const mapOf = (...lines: string[]): Consistency => checkListAppend(fromSimulation(history(...lines))).levels;

describe('names what is wrong:', () => {
  test('G0, two transactions whose writes interleave', () => {
    expect(kinds('| p0 a x 1, a y 1', '| p1 a x 2, a y 2', '| p2 r x [1,2], r y [2,1]')).toContain('G0');
  });
  test('G1a, a read of what failed', () => {
    expect(kinds('p0! a x 1', 'p1 r x [1]')).toContain('G1a');
  });
  test('G1b, a read of a state in the middle of a transaction', () => {
    expect(kinds('| p0 a x 1, a x 2', '| p1 r x [1]', 'p2 r x [1,2]')).toContain('G1b');
  });
  test('G1c, information that flows in a circle', () => {
    expect(kinds('| p0 a x 1, r y [1]', '| p1 a y 1, r x [1]')).toContain('G1c');
  });
  test('G-single, a snapshot that is half old', () => {
    expect(kinds('| p0 a x 1, a y 1', '| p1 r x [1], r y []')).toContain('G-single-item');
  });
  test('G-nonadjacent, a long fork', () => {
    expect(kinds('| p0 a x 1', '| p1 a y 1', '| p2 r x [1], r y []', '| p3 r x [], r y [1]')).toContain(
      'G-nonadjacent-item',
    );
  });
  test('G2-item, write skew', () => {
    expect(kinds('| p0 r x [], a y 1', '| p1 r y [], a x 1', '| p2 r x [1], r y [1]')).toEqual(['G2-item']);
  });
  test('lost update, which is also a single anti-dependency', () => {
    const found = kinds('| p0 r x [], a x 1', '| p1 r x [], a x 2', '| p2 r x [1,2]');
    expect(found).toContain('lost update');
    expect(found).toContain('G-single-item');
  });
  test('internal, a transaction that does not see its own write', () => {
    expect(kinds('p0 a x 1, r x []')).toContain('internal');
    expect(kinds('| p0 a x 1', '| p1 r x [], r x [1]')).toContain('internal');
  });
  test('dirty update, a write on top of a failed one', () => {
    expect(kinds('p0! a x 1', 'p1 a x 2', 'p2 r x [1,2]')).toContain('dirty update');
  });
  test('duplicate elements', () => {
    expect(kinds('p0 a x 1', 'p1 r x [1,1]')).toContain('duplicate elements');
  });
  test('incompatible orders', () => {
    expect(kinds('| p0 a x 1', '| p1 a x 2', '| p2 r x [1]', '| p3 r x [2]')).toContain('incompatible order');
  });
  test('a read of what nobody wrote', () => {
    expect(kinds('p0 a x 1', 'p1 r x [7]')).toContain('thin-air read');
  });
  test('the -process variants need only the order of a session', () => {
    expect(kinds('p0 a x 1', 'p0 r x []')).toContain('G-single-item-process');
  });
  test('nothing comes after what its client never learned the outcome of', () => {
    expect(kinds('p0? a x 1', 'p0 r x []', '| p1 r x [1]')).toEqual([]);
  });
  test('the -realtime variants need only real time', () => {
    expect(kinds('p0 a x 1', 'p1 r x []')).toContain('G-single-item-realtime');
    expect(kinds('p0 a x 1', 'p1 a x 2', 'p2 r x [2,1]')).toContain('G0-realtime');
  });
});

describe('the consistency map', () => {
  test('a long fork is parallel snapshot isolation and no more', () => {
    const map = mapOf('| p0 a x 1', '| p1 a y 1', '| p2 r x [1], r y []', '| p3 r x [], r y [1]');
    expect(map).toMatchObject({
      'parallel snapshot isolation': 'proven',
      'snapshot isolation': 'refuted',
      serializable: 'refuted',
    });
  });
  test('write skew is snapshot isolation and not serializable', () => {
    const map = mapOf('| p0 r x [], a y 1', '| p1 r y [], a x 1', '| p2 r x [1], r y [1]');
    expect(map).toMatchObject({ 'snapshot isolation': 'proven', serializable: 'refuted' });
  });
  test('a stale read is serializable and not strictly so', () => {
    expect(mapOf('p0 a x 1', 'p1 r x []')).toMatchObject({
      serializable: 'proven',
      'strong session serializable': 'proven',
      'strict serializable': 'refuted',
    });
  });
  test('without times nothing is said about real time', () => {
    const lines = '{"p":0,"t":"ok","ops":[["a",1,1]]}\n{"p":1,"t":"ok","ops":[["r",1,[1]]]}\n';
    expect(checkListAppend(readNeutralTransactions(lines)).levels).toMatchObject({
      'strong session serializable': 'proven',
      'strict serializable': 'unknown',
    });
  });
  test('a history without reads proves nothing', () => {
    expect(checkListAppend(fromSimulation(history('p0 a x 1'))).valid).toBe('unknown');
  });
});

test('an explanation gives every edge its reason', () => {
  const { anomalies } = checkListAppend(fromSimulation(history('| p0 a x 1, a y 1', '| p1 r x [1], r y []')));
  expect(anomalies[0]).toEqual({
    kind: 'G-single-item',
    forbiddenBy: 'parallel snapshot isolation',
    operations: [0, 1],
    cycle: [
      { from: 0, to: 1, kind: 'wr', because: 'T1 read x with 1, which T0 appended' },
      { from: 1, to: 0, kind: 'rw', because: 'T1 read y as [], without the 1 that T0 appended' },
    ],
    explanation:
      'T0: append x 1, append y 1; T1: read x → [1], read y → []. ' +
      'T1 read x with 1, which T0 appended (wr); T1 read y as [], without the 1 that T0 appended (rw). ' +
      'So T0 < T1 < T0: each must come before itself.',
  });
});

test('an element that is in a list twice is told as that, and makes no circle of writes', () => {
  expect(kinds('p0 a x 1', 'p0 a x 2', 'p0 a x 3', 'p1 r x [1,2,3,1]')).toEqual(['duplicate elements']);
});

test('a transaction that saw its own append once, and then no more, breaks every level', () => {
  expect(mapOf('p0 a x 1, r x [1], r x []', 'p1 r x [1]')['read uncommitted']).toBe('refuted');
});

test('a list that never was is found beside a longer one that is right', () => {
  const weakest = (...lines: string[]): string => mapOf(...lines)['read uncommitted'];
  for (const list of ['[2,1]', '[2]', '[1,2,2]'])
    expect([
      weakest('p0 a x 1, a x 2', 'p1 a x 3', `p2 r x ${list}`, 'p3 r x [1,2,3]'),
      weakest('p0 a x 1, a x 2', 'p1 a x 3', `p2 r x ${list}`),
    ]).toEqual(['refuted', 'refuted']);
});

test('a read of what its transaction appends only later breaks every level, also where an earlier read had been right', () => {
  expect(mapOf('p0 r x [1], a x 1')['read uncommitted']).toBe('refuted');
  expect(mapOf('p0 r x [], r x [1], a x 1')['read uncommitted']).toBe('refuted');
});

test('lists that contradict each other prove no order of writes', () => {
  const lines = ['p0 a x 1', 'p0 a x 2', 'p1 r x [2,1]'];
  expect(mapOf(...lines)['strong read uncommitted']).toBe('refuted');
  const verdict = checkListAppend(fromSimulation(history('p2 r x [1,2]', ...lines)), {
    level: 'read uncommitted',
  });
  expect(verdict).toMatchObject({ valid: 'unknown', levels: { 'read committed': 'refuted' } });
  expect(verdict.because).toContain('contradict each other');
});

test('what two appended may be there twice, and in any order', () => {
  const map = mapOf('p0 a x 1, a x 2', 'p1 a x 2', 'p2 r x [2,1,2]');
  expect(map['read uncommitted']).toBe('unknown');
});

test('where only real time is broken, serializability carries its order', () => {
  const txns = fromSimulation(history('p0 a x 1', 'p1 r x []'));
  const verdict = checkListAppend(txns, { level: 'serializable' });
  expect(verdict).toMatchObject({ valid: true, order: [1, 0] });
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const isolations = fc.constantFrom('serializable', 'snapshot', 'read committed', 'dirty' as const);

test('agrees with brute force on every small history', () => {
  fc.assert(
    fc.property(seeds, isolations, fc.constantFrom(0, 0, 0.2), (seed, isolation, corrupted) => {
      const txns = simulate({
        kind: 'append',
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
      const { levels, valid } = checkListAppend(txns);
      const truth = {
        serializable: serializableByForce(txns, 'nothing'),
        'strong session serializable': serializableByForce(txns, 'sessions'),
        'strict serializable': serializableByForce(txns, 'real time'),
        'snapshot isolation': snapshotIsolatedByForce(txns, 'nothing'),
        'strong session snapshot isolation': snapshotIsolatedByForce(txns, 'sessions'),
        'strong snapshot isolation': snapshotIsolatedByForce(txns, 'real time'),
      };
      const wrong = Object.entries(truth).filter(([level, holds]) => {
        const proof = levels[level as keyof typeof truth];
        if (proof === 'unknown') return level.endsWith('serializable') && valid !== 'unknown';
        return proof !== (holds ? 'proven' : 'refuted');
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: runs(2000) },
  );
});

test('the map is monotone: what implies a refuted level is refuted, what a proven one implies is proven', () => {
  fc.assert(
    fc.property(seeds, isolations, (seed, isolation) => {
      const { levels } = checkListAppend(
        simulate({ kind: 'append', transactions: 30, clients: 5, keys: 3, seed, isolation, crashed: 0.05 }),
      );
      const broken = LEVELS.flatMap((strong) =>
        LEVELS.filter((weak) => implies(strong, weak)).filter(
          (weak) =>
            (levels[weak] === 'refuted' && levels[strong] !== 'refuted') ||
            (levels[strong] === 'proven' && levels[weak] !== 'proven'),
        ),
      );
      expect(broken).toEqual([]);
    }),
    { numRuns: runs(200) },
  );
});

test('a store that keeps its promise is never accused, and its order keeps real time', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const promised = {
        kind: 'append',
        transactions: 300,
        clients: 8,
        seed,
        crashed: 0.02,
        failed: 0.02,
      } as const;
      const serial = checkListAppend(simulate(promised));
      expect(serial.valid).toBe(true);
      expect(respects(simulate(promised), serial.order ?? [], 'real time')).toBe(undefined);
      const snapshots = checkListAppend(simulate({ ...promised, isolation: 'snapshot' }));
      expect(snapshots.levels['strong snapshot isolation']).not.toBe('refuted');
      const committed = checkListAppend(simulate({ ...promised, isolation: 'read committed' }));
      expect(committed.levels['strong read committed']).not.toBe('refuted');
    }),
    { numRuns: runs(40) },
  );
});

test('a stale read planted in a valid history flips the verdict and is part of the counterexample', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const rows = simulatedTransactions({ kind: 'append', transactions: 200, clients: 5, seed });
      const longAgo = (key: unknown, element: unknown, now: number): boolean =>
        rows.some(
          (row) =>
            row.e !== null &&
            row.e < now &&
            row.ops.some(([f, k, v]) => f === 'a' && k === key && v === element),
        );
      const known = ([f, key, value]: SimulatedTransaction['ops'][number], now: number): boolean =>
        f === 'r' && (value as unknown[]).length > 0 && longAgo(key, (value as unknown[])[0], now);
      const stale = rows.findIndex((row, t) => t > 150 && row.ops.some((step) => known(step, row.i)));
      fc.pre(stale >= 0);
      const row = rows[stale] as SimulatedTransaction;
      const step = row.ops.find((some) => known(some, row.i)) as SimulatedTransaction['ops'][number];
      step[2] = [];
      const verdict = checkListAppend(fromSimulation(rows));
      expect(verdict.valid).toBe(false);
      expect(verdict.anomalies.some((anomaly) => anomaly.operations.includes(stale))).toBe(true);
    }),
    { numRuns: runs(50) },
  );
});

test('every counterexample is one on its own: its transactions alone are refuted too', () => {
  fc.assert(
    fc.property(seeds, isolations, (seed, isolation) => {
      const rows = simulatedTransactions({
        kind: 'append',
        transactions: 60,
        clients: 6,
        keys: 3,
        seed,
        isolation,
      });
      const verdict = checkListAppend(fromSimulation(rows));
      const open = verdict.anomalies.filter(({ operations }) => {
        const alone = fromSimulation(rows.filter((_, t) => operations.includes(t)));
        return checkListAppend(alone).valid !== false;
      });
      expect(verdict.valid === false).toBe(verdict.anomalies.length > 0);
      expect(open).toEqual([]);
    }),
    { numRuns: runs(100) },
  );
});

test('many readers of an empty list and many appends that nobody saw stay linear', () => {
  const rows: SimulatedTransaction[] = [];
  for (let t = 0; t < 20_000; t++)
    rows.push({ p: t % 50, t: 'ok', i: 2 * t, e: 2 * t + 1, ops: [t % 2 ? ['a', 'x', t] : ['r', 'x', []]] });
  const verdict = checkListAppend(fromSimulation(rows));
  expect(verdict.valid).toBe(false);
  expect(verdict.facts['dependencies']).toBeLessThan(30_000);
});

test('anomalies that the level allows come after those that it forbids, and say so', () => {
  // A write skew, which snapshot isolation allows, and a read of an aborted append, which it does not.
  const transactions = fromSimulation(
    history('| p0 r a [], a b 1', '| p1 r b [], a a 2', 'p2! a c 3', 'p3 r c [3], r a [2], r b [1]'),
  );
  const of = (level: Level) =>
    checkListAppend(transactions, { level }).anomalies.map(({ kind, forbiddenBy, allowed }) => [
      kind,
      forbiddenBy,
      allowed,
    ]);
  expect(of('snapshot isolation')).toEqual([
    ['G1a', 'read committed', undefined],
    ['G2-item', 'serializable', true],
  ]);
  expect(of('serializable')).toEqual([
    ['G1a', 'read committed', undefined],
    ['G2-item', 'serializable', undefined],
  ]);
});

import { describe, expect, test } from 'vitest';
import { fromSimulation, simulatedTransactions } from '../generate/transaction-history.ts';
import type { SimulatedTransaction } from '../generate/transaction-history.ts';
import { verify } from '../verify/verify.ts';
import { serializableByForce } from './brute-force.testing.ts';
import { checkListAppend } from './list-append.ts';
import { checkRwRegister } from './rw-register.ts';

/**
 * The family of cycles, each closed by data alone, by the order of a session, or by real time. A transaction is its process,
 * its steps (`x1` writes, `x=1` reads, `x=` reads nothing), and which other has returned before it is called.
 */
type Planted = readonly [process: number, steps: string, after?: number];

const families: Readonly<
  Record<string, Readonly<Record<'data' | 'process' | 'realtime', readonly Planted[]>>>
> = {
  G1c: {
    data: [
      [0, 'x1 y=1'],
      [1, 'y1 x=1'],
    ],
    process: [
      [0, 'x=1'],
      [0, 'x1'],
    ],
    realtime: [
      [0, 'x=1'],
      [1, 'x1', 0],
    ],
  },
  'G-single-item': {
    data: [
      [0, 'x1 y1'],
      [1, 'x=1 y='],
    ],
    process: [
      [0, 'x1'],
      [0, 'x='],
    ],
    realtime: [
      [0, 'x1'],
      [1, 'x=', 0],
    ],
  },
  'G-nonadjacent-item': {
    data: [
      [0, 'x1'],
      [1, 'y1'],
      [2, 'x=1 y='],
      [3, 'x= y=1'],
    ],
    process: [
      [0, 'x1'],
      [0, 'y='],
      [1, 'y1'],
      [1, 'x='],
    ],
    realtime: [
      [0, 'x1'],
      [1, 'y=', 0],
      [2, 'y1'],
      [3, 'y=1 x='],
    ],
  },
  'G2-item': {
    data: [
      [0, 'x= y1'],
      [1, 'y= x1'],
    ],
    process: [
      [0, 'y1'],
      [0, 'x='],
      [1, 'x1 y='],
    ],
    realtime: [
      [0, 'y1'],
      [2, 'x=', 0],
      [1, 'x1 y='],
    ],
  },
};

/** Blind writes of registers have no order of their own, so only lists can show this one. */
const interleaved = {
  data: [
    [0, 'x1 y1'],
    [1, 'x2 y2'],
    [2, 'x=1,2 y=2,1'],
  ],
  process: [
    [0, 'x1'],
    [0, 'x2'],
    [1, 'x=2,1'],
  ],
  realtime: [
    [0, 'x1'],
    [1, 'x2', 0],
    [2, 'x=2,1'],
  ],
} satisfies Record<string, readonly Planted[]>;

/** All at once, but for those that have to wait; a process waits for itself. */
function rows(planted: readonly Planted[], kind: 'append' | 'register', from = 0): SimulatedTransaction[] {
  const step = (text: string): SimulatedTransaction['ops'][number] => {
    const [key, read] = text.split('=') as [string, string | undefined];
    if (read === undefined) return [kind === 'append' ? 'a' : 'w', key[0] as string, Number(key.slice(1))];
    if (kind === 'register') return ['r', key, read === '' ? null : Number(read)];
    return ['r', key, read === '' ? [] : read.split(',').map(Number)];
  };
  const waits = planted.map(
    ([process, , after], t) => after !== undefined || planted.slice(0, t).some(([p]) => p === process),
  );
  const isWaitedFor = planted.map(([process], t) =>
    planted.some(([p, , after], other) => after === t || (other > t && p === process)),
  );
  // Three stages: called, changed over, returned.
  const n = planted.length;
  return planted.map(([process, steps], t) => ({
    p: 100 + process,
    t: 'ok',
    i: from + (waits[t] ? 2 * n : 0) + t,
    e: from + (isWaitedFor[t] ? n : 3 * n) + t,
    ops: steps.split(' ').map(step),
  }));
}

const kept = { data: 'nothing', process: 'sessions', realtime: 'real time' } as const;
const weaker = { data: undefined, process: 'nothing', realtime: 'sessions' } as const;
const levels = {
  data: 'serializable',
  process: 'strong session serializable',
  realtime: 'strict serializable',
} as const;

const cases = (['append', 'register'] as const).flatMap((kind) =>
  Object.entries(kind === 'append' ? { G0: interleaved, ...families } : families).flatMap(
    ([name, variants]) =>
      (['data', 'process', 'realtime'] as const).map((family) => ({
        kind,
        name: family === 'data' ? name : `${name}-${family}`,
        family,
        planted: variants[family] as readonly Planted[],
      })),
  ),
);

describe.each(cases)('$name, over $kind', ({ kind, name, family, planted }) => {
  const check = kind === 'append' ? checkListAppend : checkRwRegister;

  test('is named, is a proof, and is what brute force finds at this level and not at a weaker one', () => {
    const txns = fromSimulation(rows(planted, kind));
    const verdict = check(txns, { level: levels[family] });
    expect(verdict.valid).toBe(false);
    expect(verdict.anomalies.map((anomaly) => anomaly.kind)).toContain(name);
    expect(verify(verdict, txns)).toBeUndefined();
    expect(serializableByForce(txns, kept[family])).toBe(false);
    const below = weaker[family];
    if (below === undefined) return;
    expect(serializableByForce(txns, below)).toBe(true);
    const without = check(txns, {
      level: family === 'process' ? 'serializable' : 'strong session serializable',
    });
    expect(without.valid).toBe(true);
    expect(verify(without, txns)).toBeUndefined();
  });

  test('is found among a hundred others that are right', () => {
    const others = simulatedTransactions({ kind, transactions: 100, clients: 5, seed: 7 });
    const from = Math.max(...others.map(({ i, e }) => Math.max(i, e ?? 0))) + 1;
    const txns = fromSimulation([...others, ...rows(planted, kind, from)]);
    const verdict = check(txns, { level: levels[family] });
    const found = verdict.anomalies.find((anomaly) => anomaly.kind === name);
    expect(found?.operations.every((id) => id >= others.length)).toBe(true);
    expect(verify(verdict, txns)).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { objectHistory } from '../generate/object-history.ts';
import type { History } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { convergence } from './convergence.ts';

describe('a picture of each anomaly:', () => {
  test.each([
    {
      title: 'nodes whose sets differ',
      picture: `
        n1  |─ add 1 ─|  |─ read → [1,2] ─|
        n2  |─ add 2 ─|  |─ read → [2] ─|`,
      found: [
        ['diverged', [0, 1, 2, 3], 'In the end, 3 ms after the last update, n2 lacked 1, which n1 had.'],
      ],
    },
    {
      title: 'an element that was acknowledged and that nobody has',
      picture: `
        n1  |─ add 1 ─|  |─ read → [2] ─|
        n2  |─ add 2 ─|  |─ read → [2] ─|`,
      found: [
        [
          'lost',
          [0, 2, 3],
          'Client 0’s add of 1 was answered at 0.022 s; in the end n1, n2 did not have it.',
        ],
      ],
    },
    {
      title: 'an element that nobody put in',
      picture: `
        n1  |─ add 1 ─|  |─ read → [1,2] ─|
        n2               |─ read → [1,2] ─|`,
      found: [['unexpected', [0, 1], 'In the end n1 had 2, which nobody had put in.']],
    },
    {
      title: 'registers that hold different values of two overlapping writes',
      picture: `
        n1  |─ write 1 ─|  |─ read → 1 ─|
        n2  |─ write 2 ─|  |─ read → 2 ─|
        n3                 |─ read → 1 ─|`,
      found: [['diverged', [0, 1, 2, 3], 'In the end, 3 ms after the last update, n2 had 2 and n1 1.']],
    },
    {
      title: 'registers that agree on what was overwritten',
      picture: `
        n1  |─ write 1 ─||─ write 2 ─| |─ read → 1 ─|
        n2                             |─ read → 1 ─|`,
      found: [
        [
          'stale read',
          [0, 1, 2],
          'Client 0 read at 0.039 s and got 1, although client 0’s write of 2, begun after that of 1 had ended, had completed 2 ms earlier.',
        ],
        [
          'stale read',
          [0, 1, 3],
          'Client 1 read at 0.039 s and got 1, although client 0’s write of 2, begun after that of 1 had ended, had completed 2 ms earlier.',
        ],
      ],
    },
    {
      title: 'counters that differ, and one that lost an addition',
      picture: `
        n1  |─ add 1 ─|  |─ read → 1 ─|
        n2  |─ add 2 ─|  |─ read → 3 ─|`,
      found: [
        ['diverged', [1, 2, 3], 'In the end, 3 ms after the last update, n2 had 3 and n1 1.'],
        [
          'lost update',
          [1, 2],
          'Client 0 read at 0.025 s and got 1, although what had been added by then comes to at least 3.',
        ],
      ],
    },
    {
      title: 'lists of the same elements in different orders',
      picture: `
        n1  |─ append 1 ─|  |─ read → [1,2] ─|
        n2  |─ append 2 ─|  |─ read → [2,1] ─|`,
      found: [['diverged', [1, 2, 3], 'In the end, 3 ms after the last update, n2 had [2,1] and n1 [1,2].']],
    },
  ])('$title', ({ picture, found }) => {
    const { valid, anomalies } = judge(convergence(), drawn(picture));
    expect(valid).toBe(false);
    expect(anomalies.map(({ kind, operations, explanation }) => [kind, operations, explanation])).toEqual(
      found,
    );
  });
});

describe('what an update of unknown outcome can explain is no anomaly:', () => {
  test.each([
    [
      'an element that came between two reads',
      'n1 |─ add 1 ─| |─ add 2 ─? |─ read → [1] ─|\nn2 ___________________________________________________|─ read → [1,2] ─|',
      true,
    ],
    [
      'but not one that went',
      'n1 |─ add 1 ─| |─ add 2 ─? |─ read → [1,2] ─|\nn2 _________________________________________________|─ read → [1] ─|',
      false,
    ],
    [
      'whichever node it went from',
      'n1 _________________________________________________|─ read → [1] ─|\nn2 |─ add 1 ─| |─ add 2 ─? |─ read → [1,2] ─|',
      false,
    ],
    [
      'unless it may have been removed',
      'n1 |─ add 1 ─| |─ add 2 ─?|─ remove 2 ─? |─ read → [1,2] ─|\nn2 _______________________________________________________________|─ read → [1] ─|',
      true,
    ],
    [
      'a value that was written between two reads',
      'n1 |─ write 1 ─| |─ write 2 ─? |─ read → 1 ─|\nn2 ___________________________________________________|─ read → 2 ─|',
      true,
    ],
    [
      'but not one that was there and is gone',
      'n1 |─ write 1 ─| |─ write 2 ─? |─ read → 2 ─|\nn2 ___________________________________________________|─ read → 1 ─|',
      false,
    ],
    [
      'a sum of which it may be a part',
      'n1 |─ add 1 ─| |─ add 2 ─? |─ read → 1 ─|\nn2 _________________________________________________|─ read → 3 ─|',
      true,
    ],
  ])('%s', (_, picture, valid) => {
    expect(judge(convergence(), drawn(picture.replaceAll('_', ' '))).valid).toBe(valid);
  });
});

test('how long it took is known between two reads', () => {
  const history = drawn(`
    n1  |─ add 1 ─|   |─ read → [] ─|  |─ read → [1] ─|
    n2                |─ read → [1] ─| |─ read → [1] ─|`);
  expect(judge(convergence(), history)).toMatchObject({
    valid: true,
    facts: { 'ms to converge, at least': 4, 'ms to converge, at most': 36 },
  });
});

test('a read that comes too early is no evidence', () => {
  const history = drawn(`
    n1  |─ add 1 ─|   |─ read → [] ─|  |─ read → [1] ─|
    n2                |─ read → [1] ─|`);
  expect(judge(convergence(), history).valid).toBe(true);
  expect(judge(convergence({ withinMs: 10 }), history)).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining('in the end on n2;') as string,
  });
});

test.each([
  ['a single node', 'n1 |─ add 1 ─| |─ read → [1] ─|', 'everything was asked of one node'],
  [
    'a node that nobody read',
    'n1 |─ add 1 ─| |─ read → [1] ─|\nn2 |─ read → [] ─|',
    'what was in the end on n2;',
  ],
  ['nothing that was changed', 'n1 |─ read → [] ─|\nn2 |─ read → [] ─|', 'nothing was changed'],
])('it is unknown for %s', (_, picture, because) => {
  expect(judge(convergence(), drawn(picture))).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining(because) as string,
  });
});

/** Three copies of two sets that gossip in the end; one element never reaches another copy than its first. */
function gossip(seed: number, crashed: number, dropped: number): History {
  const copies = Array.from({ length: 3 }, () => ({ a: new Set<number>(), b: new Set<number>() }));
  const operations = 150;
  let adds = 0;
  let last = 0;
  const sync = (): void => {
    for (const from of copies)
      for (const key of ['a', 'b'] as const)
        for (const element of from[key])
          if (element !== dropped) for (const to of copies) to[key].add(element);
  };
  return objectHistory(
    { operations, clients: 6, nodes: 3, seed, crashed },
    {
      ask(turn, fraction) {
        if (turn >= operations - 60) return { f: 'read', key: last++ % 2 === 0 ? 'a' : 'b' };
        const key = fraction() < 0.5 ? 'a' : 'b';
        return fraction() < 0.3 ? { f: 'read', key } : { f: 'add', key, input: ++adds };
      },
      answer({ f, key, input }, process) {
        const own = copies[process % 3]?.[key as 'a' | 'b'] as Set<number>;
        if (f === 'add') own.add(input as number);
        if (last > 0) sync();
        return f === 'read' ? [...own] : undefined;
      },
    },
  );
}

test('copies that agree in the end are never accused; one that missed an element is', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 30 }), (seed, dropped) => {
      for (const crashed of [0, 0.05])
        expect(judge(convergence(), gossip(seed, crashed, -1)).valid).not.toBe(false);
      const history = gossip(seed, 0, dropped);
      const added = [...history].find(({ f, input }) => f === 'add' && input === dropped);
      fc.pre(added !== undefined);
      const { valid, anomalies } = judge(convergence(), history);
      expect(valid).toBe(false);
      expect(anomalies.map(({ kind }) => kind)).toContain('diverged');
      expect(anomalies.some(({ operations }) => operations.includes(added?.id as number))).toBe(true);
      found++;
    }),
    { numRuns: runs(40) },
  );
  expect(found).toBeGreaterThan(0);
});

test('a limit that is met is told, and never taken for an answer', () => {
  const history = drawn('n1 |─ add 1 ─| |─ read → [1] ─|\nn2 |─ add 2 ─| |─ read → [1] ─|');
  expect(convergence().check(history, { ...plenty(), deadline: -1 })).toMatchObject({ valid: 'unknown' });
  expect(() => convergence({ withinMs: -1 })).toThrow('a number of milliseconds from 0, not -1');
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../closed.testing.ts';
import { drawn } from '../drawn.testing.ts';
import { objectHistory } from '../generate/object-history.ts';
import type { History, Operation } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { longFork } from './long-fork.ts';

const FORK = `
  A  |─ write [["w","x",1]] ─|
  B  |─ write [["w","y",1]] ─|
  C    |─ read → [["r","x",1],["r","y",null]] ─|
  D    |─ read → [["r","y",1],["r","x",null]] ─|`;

test('two reads that saw two writes in different orders are shown with the writes', () => {
  const { valid, anomalies, facts } = judge(longFork(), drawn(FORK));
  expect({ valid, forks: facts['pairs of keys seen in both orders'] }).toEqual({ valid: false, forks: 1 });
  expect(anomalies).toEqual([
    {
      kind: 'long fork',
      operations: [0, 1, 2, 3],
      explanation:
        'Client 2 read at 0.007 s and found x written and y not yet; client 3 read at 0.007 s and found y written and x not yet: neither can have been first.',
    },
  ]);
});

test('reads of three keys can disagree in two of them', () => {
  expect(
    judge(
      longFork(),
      drawn(`
        A  |─ txn → [["r",0,1],["r",1,1],["r",2,null]] ─|
        B  |─ txn → [["r",2,1],["r",0,1],["r",1,null]] ─|`),
    ).anomalies,
  ).toMatchObject([{ kind: 'long fork', operations: [0, 1] }]);
});

test.each([
  ['A  |─ read → [["r","x",1],["r","y",1]] ─|', 'no read found some keys written and others not'],
  [
    'A |─ write [["w","x",1]] ─| |─ write [["w","x",2]] ─| |─ read → [["r","x",1],["r","y",null]] ─|',
    '1 key written more than once',
  ],
])('it is unknown where nothing could have shown: %s', (picture, because) => {
  expect(judge(longFork(), drawn(picture))).toMatchObject({
    valid: 'unknown',
    because: expect.stringContaining(because) as string,
  });
});

test('where a key was written twice, reads that seem to disagree may both be right', () => {
  expect(judge(longFork(), drawn(`${FORK}\n  E  |─ write [["w","x",2]] ─|`))).toMatchObject({
    valid: 'unknown',
    facts: { 'keys written more than once': 1 },
  });
});

/** From the definition: two reads, and two keys that both read, of which each found another one written. */
function forked(history: History): boolean {
  const found = [...history]
    .filter(({ f, outcome }) => f === 'read' && outcome === 'ok')
    .map(
      ({ output }) =>
        new Map((output as [string, number, unknown][]).map(([, key, value]) => [key, value !== null])),
    );
  return found.some((a) =>
    found.some((b) =>
      [...a.keys()].some((x) =>
        [...a.keys()].some(
          (y) => a.get(x) === true && a.get(y) === false && b.get(x) === false && b.get(y) === true,
        ),
      ),
    ),
  );
}

test('any reads of any keys fork exactly when the definition says so', () => {
  const read = fc.uniqueArray(fc.tuple(fc.nat(5), fc.boolean()), {
    minLength: 1,
    maxLength: 5,
    selector: ([key]) => key,
  });
  const seen = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 5 }), (reads) => {
      const history = drawn(
        reads
          .map(
            (keys) =>
              `A |─ read → ${JSON.stringify(keys.map(([key, there]) => ['r', key, there ? 1 : null]))} ─|`,
          )
          .join('\n'),
      );
      const { valid } = judge(longFork(), history);
      seen[`${valid}`]++;
      expect(valid === false).toBe(forked(history));
    }),
    { numRuns: runs(2000) },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(0);
});

/** Groups of keys, each written once and read together. With `forks`, a key of the last group is hidden from one read. */
function simulated(seed: number, keys: number, forks: boolean): History {
  const written = new Set<number>();
  const operations = 400;
  const answer = (asked: { input?: unknown }): unknown =>
    (asked.input as Operation['input'] as [string, number, unknown][]).map(([f, key, value]) => {
      if (f === 'w') written.add(key);
      return [f, key, f === 'w' ? value : written.has(key) ? 1 : null];
    });
  let next = 0;
  const history = objectHistory(
    { operations, clients: 6, seed, crashed: 0.02 },
    {
      ask(_, fraction) {
        if (fraction() < 0.3) return { f: 'write', input: [['w', next++, 1]] };
        const group = Math.floor(Math.max(0, next - 1) / keys) * keys;
        return { f: 'read', input: Array.from({ length: keys }, (_, i) => ['r', group + i, null]) };
      },
      answer,
    },
  );
  if (forks) forkLast(history);
  return history;
}

/** Of the last read that found some keys written, turns around what it says, as if it had seen the others instead. */
function forkLast(history: History): void {
  const last = [...history].findLast(({ f, outcome, output }) => {
    const values =
      f === 'read' && outcome === 'ok' ? (output as unknown[][]).map(([, , value]) => value) : [];
    return values.includes(1) && values.includes(null);
  });
  const twin = [...history].find(
    (other) => last && other.id !== last.id && JSON.stringify(other.output) === JSON.stringify(last.output),
  );
  if (twin) for (const step of twin.output as unknown[][]) step[2] = step[2] === null ? 1 : null;
}

test('snapshots in one order never fork; one that is turned around does', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom(2, 3, 6), (seed, keys) => {
      expect(judge(longFork(), simulated(seed, keys, false)).valid).not.toBe(false);
      const history = simulated(seed, keys, true);
      const { valid } = judge(longFork(), history);
      expect(valid === false).toBe(forked(history));
      found += Number(valid === false);
    }),
    { numRuns: runs(30) },
  );
  expect(found).toBeGreaterThan(0);
});

test('a limit that is met is told, and never taken for an answer', () => {
  for (const limit of [{ deadline: -1 }, { memoryBytes: -1 }])
    expect(longFork().check(drawn(FORK), { ...plenty(), ...limit })).toMatchObject({ valid: 'unknown' });
});

import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { simulate, type Reference } from './conformance/simulate.ts';
import set, { type SetOps } from './set.ts';

/** Sets that forget every `forgets`-th element that they acknowledge. */
function sets(forgets = Infinity): Reference<SetOps> {
  const elements = new Map<Key | undefined, number[]>();
  let adds = 0;
  return (key, f, input) => {
    const mine = elements.get(key) ?? [];
    elements.set(key, mine);
    if (f === 'read') return [...mine];
    if (++adds % forgets !== 0) mine.push(input as number);
    return undefined;
  };
}

workloadConformance(set, { reference: () => sets(), mistakes: { 'forgets an element': () => sets(100) } });

test('no element is added twice', () => {
  const settings = { seed: 1, operations: 5000, clients: 8, lost: 0.05, reads: set.reads };
  const added = simulate(set.main(set.defaults, seeded(1)), sets(), settings)
    .filter(({ f, type }) => f === 'add' && type === 'invoke')
    .map(({ value }) => value);
  expect(new Set(added).size).toBe(added.length);
  expect(added.length).toBeGreaterThan(4500);
});

test('after the faults every process reads every set, and asks again where a read fails', () => {
  const settings = { seed: 1, operations: 10_000, clients: 8, lost: 0.3, reads: set.reads };
  const final = simulate(set.final!(set.defaults, seeded(1)), sets(), settings);
  const read = new Set(
    final.filter(({ type }) => type === 'ok').map(({ process, key }) => `${process} ${key}`),
  );
  expect(read.size).toBe(8 * 3);
});

import type { Key, MicroOperation } from 'knossos-js';
import { expect, test } from 'vitest';
import { UsageError } from '../harness/errors.ts';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { simulate, type Reference } from './conformance/simulate.ts';
import workload, { type ListAppendOps } from './list-append.ts';

/** Lists, and how a mistaken store goes wrong once in a while. */
function lists(
  mistake?: 'loses an append' | 'reads a stale list' | 'swaps two appends',
): Reference<ListAppendOps> {
  const all = new Map<Key, unknown[]>();
  let asked = 0;
  return (_, __, input) => {
    const wrong = ++asked % 50 === 0 ? mistake : undefined;
    return (input as readonly MicroOperation[]).map(([f, key, element]): MicroOperation => {
      const list = all.get(key) ?? [];
      all.set(key, list);
      if (f === 'r') return [f, key, wrong === 'reads a stale list' ? list.slice(0, -1) : [...list]];
      if (wrong === 'swaps two appends') list.splice(-1, 0, element);
      else if (wrong !== 'loses an append') list.push(element);
      return [f, key, element];
    });
  };
}

workloadConformance(workload, {
  reference: () => lists(),
  mistakes: {
    'loses an append': () => lists('loses an append'),
    'reads a stale list': () => lists('reads a stale list'),
    'swaps two appends': () => lists('swaps two appends'),
  },
});

const settings = { seed: 1, operations: 3000, clients: 8, lost: 0.05, reads: workload.reads };
const transactions = () =>
  simulate(workload.main(workload.defaults, seeded(1)), lists(), settings)
    .filter(({ type }) => type === 'invoke')
    .map(({ value }) => value as readonly MicroOperation[]);

test('no element is appended twice, to whatever list', () => {
  const elements = transactions()
    .flat()
    .flatMap(([f, , element]) => (f === 'append' ? [element] : []));
  expect(elements.length).toBeGreaterThan(1000);
  expect(new Set(elements).size).toBe(elements.length);
});

test('a list grows no longer than it is kept for', () => {
  const appends = Map.groupBy(
    transactions()
      .flat()
      .filter(([f]) => f === 'append'),
    ([, key]) => key,
  );
  for (const of of appends.values()) expect(of.length).toBeLessThanOrEqual(1.5 * workload.defaults.perKey);
});

test('a level that nobody knows is refused with those that there are', () => {
  const level = 'read comitted' as 'read committed';
  expect(() => workload.main({ ...workload.defaults, level }, seeded(1))).toThrow(UsageError);
  expect(() => workload.main({ ...workload.defaults, level }, seeded(1))).toThrow('snapshot isolation');
});

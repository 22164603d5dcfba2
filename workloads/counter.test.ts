import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';
import counter, { type CounterOps } from './counter.ts';

/** Counters that now and then lose an addition, or make it twice. */
function counters(flaw?: 'loses' | 'doubles'): Reference<CounterOps> {
  const sums = new Map<Key | undefined, number>();
  let adds = 0;
  return (key, f, input) => {
    const sum = sums.get(key) ?? 0;
    if (f === 'read') return sum;
    const times = ++adds % 20 !== 0 || flaw === undefined ? 1 : flaw === 'loses' ? 0 : 2;
    sums.set(key, sum + times * (input as number));
    return undefined;
  };
}

const mistakes = { 'loses an addition': () => counters('loses'), 'adds twice': () => counters('doubles') };

workloadConformance(counter, { reference: () => counters(), mistakes });
workloadConformance(counter, { options: { lowers: true }, reference: () => counters(), mistakes: {} });

test('options that make no sense are refused, every reason at once', () => {
  expect(() => counter.main({ counters: 0, read: 1, lowers: false }, seeded(1))).toThrow(
    'workload counter: counters should be a whole number from 1; read should be a share above 0, below 1',
  );
});

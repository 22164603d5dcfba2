import type { Key } from 'knossos-js';
import { workloadConformance } from '../../workloads/conformance/conformance.ts';
import type { Reference } from '../../workloads/conformance/simulate.ts';
import counters, { type CounterOps } from './workload.ts';

/** Counters that lose every `loses`-th addition that they acknowledge. */
function kept(loses = Infinity): Reference<CounterOps> {
  const totals = new Map<Key | undefined, number>();
  let additions = 0;
  return (key, f, input) => {
    const total = totals.get(key) ?? 0;
    if (f === 'read') return total;
    if (++additions % loses !== 0) totals.set(key, total + (input as number));
    return undefined;
  };
}

workloadConformance(counters, {
  reference: () => kept(),
  mistakes: { 'loses an addition': () => kept(100) },
});

import type { Verdict } from '../checker.ts';
import { histogram, quantiles } from '../histogram.ts';
import { READ } from '../linearizable/register/steps.ts';
import type { Judged } from './judge.ts';

/** What was measured, as lines and bars of a report. */
export function figures({ versions, ages, bounds, delta }: Judged): Pick<Verdict, 'facts' | 'histograms'> {
  const { steps, exact, reads, unexplained } = versions;
  const hasTimes = !ages.time.includes(NaN);
  const behind = new Float64Array(reads);
  const ms = new Float64Array(hasTimes ? reads : 0);
  let stale = 0;
  for (let row = 0, r = 0; row < steps.length; row++) {
    if (steps.kind[row] !== READ) continue;
    if ((ages.behind[row] as number) > 0) stale++;
    if (hasTimes) ms[r] = (ages.nanoseconds[row] as number) / 1e6;
    behind[r++] = ages.behind[row] as number;
  }
  const inexact = exact.reduce((sum, yes) => sum + 1 - yes, 0);
  const low = bounds.low.reduce((a, b) => Math.max(a, b), 1);
  const high = bounds.high.reduce((a, b) => Math.max(a, b), 1);
  const largest = Math.round(delta.reduce((a, b) => Math.max(a, b), 0) / 1e3) / 1e3;
  return {
    facts: {
      operations: steps.length,
      reads,
      'stale reads': stale,
      'reads of what nobody wrote': unexplained.length,
      k: low === high ? low : high === Infinity ? `at least ${low}` : `${low} to ${high}`,
      ...(hasTimes && { 'Δ, ms': inexact > 0 ? `at least ${largest}` : largest }),
      ...quantiles('versions behind', behind, 'most'),
      ...quantiles('ms stale', ms),
      'keys where values repeat': inexact,
      algorithm:
        inexact < exact.length
          ? 'zones with slack, orders laid from the end'
          : 'each read against the writes before it',
    },
    histograms: [
      histogram('reads by versions behind', 'versions', behind),
      ...(hasTimes ? [histogram('reads by how long they were stale', 'ms', ms)] : []),
    ],
  };
}

import type { Limits } from '../../transactions/limits.ts';
import type { CausalBase } from '../base.ts';
import { blocksOf, clocksOf } from '../clocks.ts';
import { nothingPassed, pass } from '../commit-order.ts';
import { forEachVisibleWrite } from '../visible-writes.ts';
import { writesBySession } from '../writes-by-session.ts';
import type { Arbitration } from './arbitration.ts';

/**
 * What every read passed over must come before what it returned: all of it, found with vector clocks. For reads so stale
 * that looking back from each would take longer; whether it goes in a circle is left to whoever asked.
 */
export function arbitrateByClocks(
  base: CausalBase,
  order: Int32Array,
  clockBytes: number,
  limits: Limits,
): Exclude<Arbitration, { holds: 'unknown' | true }> {
  const passed = nothingPassed(limits);
  const writes = writesBySession(base, limits);
  let stale: { micro: number; other: number } | undefined;
  let room: Int32Array | undefined;
  for (const block of blocksOf(base, clockBytes)) {
    const clocks = clocksOf(base, order, block, limits, room);
    room = clocks.row;
    forEachVisibleWrite(base, writes, clocks, limits, (_, micro, from, other) => {
      if (from >= 0) pass(passed, other, from, micro);
      else stale ??= { micro, other };
    });
  }
  return stale ? { holds: false, stale } : { holds: false, passed };
}

import type { Limits } from '../../transactions/limits.ts';
import { NOBODY } from '../../transactions/register-reads.ts';
import type { CausalBase } from '../base.ts';
import { nothingPassed, pass } from '../commit-order.ts';
import type { Passed } from '../commit-order.ts';
import type { Arrangement } from './arrangement.ts';
import { PassedOver } from './passed-over.ts';
import { concerned, joined } from './stretches.ts';
import type { Stretch } from './stretches.ts';

/**
 * # Convergence, by an order that is mended
 *
 * CCv holds when one order of all transactions, causality included, explains every read: of the writes to x that a reader
 * knew of, it returned the last. So put them in some order, near that of their calls, and look at each read of x from T1 by R:
 *
 * ```
 *   … T1(x) … T2(x) … T3(x) … R …        fine, unless R knew of T2 or T3: whichever it knew of has to come before T1
 * ```
 *
 * Nearly always nothing lies between T1 and R, or nothing that R knew of, and what it knew of is found by a short walk
 * back from R that never leaves the stretch between them. Each write that has to come before T1 is an edge; the stretches
 * from T1 to such writes are put in order again, and only what moved is looked at again, until no edge is new
 * (the order explains everything) or the edges close a circle (no order does). No vector clocks: near linear, whatever the
 * number of sessions, as long as reads are not very stale.
 */
export type Arbitration =
  | { readonly holds: true }
  /** A read of the initial value by somebody who knew of a write. */
  | { readonly holds: false; readonly stale: { readonly micro: number; readonly other: number } }
  /** What reads demand, together with sessions and reads-from, goes in a circle. */
  | { readonly holds: false; readonly passed: Passed }
  | { readonly holds: 'unknown' };

const ROUNDS_MAX = 100;
/** Steps of walking back, for each transaction, after which clocks are the cheaper way. */
const WALK_MAX = 100;

/** `arrangement` is complete, and is mended. */
export function arbitrate(base: CausalBase, arrangement: Arrangement, limits: Limits): Arbitration {
  const { order, rank } = arrangement;
  const passedOver = new PassedOver(base, arrangement, limits);
  const passed = nothingPassed(limits);
  let stale: { micro: number; other: number } | undefined;
  let wrong: Stretch[] = [];
  const see = (micro: number, source: number, other: number): void => {
    if (source === NOBODY) {
      stale ??= { micro, other };
      return;
    }
    pass(passed, other, source, micro);
    arrangement.require(other, source);
    wrong.push({ from: rank[source] as number, to: rank[other] as number });
  };
  let readers: Iterable<number> = order;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (const t of readers) passedOver.look(t, see);
    if (stale) return { holds: false, stale };
    if (wrong.length === 0) return { holds: true };
    if (passedOver.walked > WALK_MAX * order.length) break;
    const stretches = joined(wrong);
    wrong = [];
    for (const { from, to } of stretches) {
      if (!arrangement.rearrange(from, to)) return { holds: false, passed };
      passedOver.rearranged(order.subarray(from, to + 1));
    }
    readers = concerned(base, order, stretches);
  }
  return { holds: 'unknown' };
}

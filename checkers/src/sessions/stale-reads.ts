import type { CausalBase } from '../causal/base.ts';
import { Arrangement } from '../causal/arbitration/arrangement.ts';
import { Knowledge } from '../causal/arbitration/knowledge.ts';
import { PassedOver } from '../causal/arbitration/passed-over.ts';
import { topologicalOrder } from '../causal/base.ts';
import { clocksOf } from '../causal/clocks.ts';
import { forEachVisibleWrite } from '../causal/visible-writes.ts';
import { writesBySession } from '../causal/writes-by-session.ts';
import type { Limits } from '../transactions/limits.ts';
import { Chains } from './chains.ts';
import type { Clients } from './clients.ts';
import type { NewerWrites } from './newer-writes.ts';
import { StaleReads } from './stale-read.ts';
import { Weighing } from './weighing.ts';

/**
 * Reads that passed over a newer write that happens before them, by sessions and reads-from. What is certainly newer, and
 * was known of through others, breaks "writes follow reads"; the rest of what is certain is found by `ownPast`. What only
 * causality or time calls newer is inferred, and counts for how the client knew of it.
 *
 * In an arrangement that keeps causality and real time, whatever is older by either stands before what is newer, so only
 * writes that stand between a read and what it returned are looked at.
 */
export function staleReads(base: CausalBase, clients: Clients, newer: NewerWrites, limits: Limits): Inferred {
  const arrangement = new Arrangement(base, limits);
  // Where causality goes in a circle there is no such order; then that is what is told.
  if (arrangement.order.length < base.members.length)
    return {
      found: new StaleReads(),
      circular: true,
      because: 'what clients read and wrote goes in a circle, and what is only inferred was not looked for',
    };
  const chains = new Chains(base, arrangement.rank, limits);
  return (
    lookBack(base, clients, newer, arrangement, chains, limits) ??
    staleReadsByClocks(base, clients, newer, chains, limits)
  );
}

/** What was found by looking at what clients can have known through others. */
export interface Inferred {
  readonly found: StaleReads;
  /** Whether sessions and reads alone go in a circle; then nothing else was looked for. */
  readonly circular?: true;
  /** Why nothing can be said of any guarantee of which no violation is certain, or of "writes follow reads" alone. */
  readonly because?: string;
  readonly becauseOfChains?: string;
}

function resultOf({ found, because }: Weighing, { incomplete }: Chains): Inferred {
  return {
    found,
    ...(because !== undefined && { because }),
    ...(incomplete && {
      becauseOfChains:
        'for too many reads it would have to be found out how their clients could have known better',
    }),
  };
}

/** Steps of walking back, for each transaction, after which clocks are the cheaper way. */
const WALK_MAX = 100;

function lookBack(
  base: CausalBase,
  clients: Clients,
  newer: NewerWrites,
  arrangement: Arrangement,
  chains: Chains,
  limits: Limits,
): Inferred | undefined {
  const passedOver = new PassedOver(base, arrangement, limits);
  const knowledge = new Knowledge(base, arrangement.rank, limits);
  const weighing = new Weighing(base, clients, newer, chains, (a, b) => {
    knowledge.learn(b, arrangement.rank[a] as number);
    return knowledge.has(a);
  });
  for (const reader of arrangement.order) {
    passedOver.look(reader, (micro, _, other) => weighing.weigh(reader, micro, other));
    if (passedOver.walked + knowledge.walked > WALK_MAX * arrangement.order.length) return undefined;
  }
  return resultOf(weighing, chains);
}

/** The same by vector clocks: for reads so stale that walking back takes too long. */
export function staleReadsByClocks(
  base: CausalBase,
  clients: Clients,
  newer: NewerWrites,
  chains: Chains,
  limits: Limits,
): Inferred {
  const order = topologicalOrder(base, limits);
  const clocks = clocksOf(base, order, { first: 0, width: base.sessions }, limits);
  const weighing = new Weighing(
    base,
    clients,
    newer,
    chains,
    (a, b) =>
      (clocks.row[b * clocks.width + (base.txns.process[a] as number)] as number) > (base.place[a] as number),
  );
  forEachVisibleWrite(base, writesBySession(base, limits), clocks, limits, (reader, micro, _, other) =>
    weighing.weigh(reader, micro, other),
  );
  return resultOf(weighing, chains);
}

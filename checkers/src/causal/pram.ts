import type { Anomaly } from '../checker.ts';
import { OWN } from '../transactions/register-reads.ts';
import type { Limits } from '../transactions/limits.ts';
import { READ } from '../transactions/columns.ts';
import { WR } from '../transactions/graph.ts';
import { causalBase, topologicalOrder } from './base.ts';
import type { CausalBase } from './base.ts';
import { orderCycle } from './commit-order.ts';
import type { CausalStep } from './commit-order.ts';
import { describeCycle, describeStale } from './explain.ts';
import { sessionMemory } from './memory.ts';
import { writesBySession } from './writes-by-session.ts';

/**
 * PRAM (Lipton & Sandberg 1988): each process can put all writes, in the order their processes made them, together with its own
 * reads into one order. The test is that of causal memory with less to respect: what others read is no news to it.
 */
export function pramViolation(base: CausalBase, limits: Limits): Anomaly | undefined {
  const happened = Uint8Array.from(base.place, (place) => (place >= 0 ? 1 : 0));
  for (let session = 0; session < base.sessions; session++) {
    // Who read nothing of others has nothing to explain.
    if (!readsOfOthers(base, session)) continue;
    const found = limits.passing(() => violationOf(session, base, happened, limits));
    if (found) return found;
  }
  return undefined;
}

function readsOfOthers({ txns, source, members, sessionStart }: CausalBase, session: number): boolean {
  for (let i = sessionStart[session] as number; i < (sessionStart[session + 1] as number); i++) {
    const t = members[i] as number;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
      if (txns.kind[m] === READ && source[m] !== OWN) return true;
  }
  return false;
}

function violationOf(
  session: number,
  base: CausalBase,
  happened: Uint8Array,
  limits: Limits,
): Anomaly | undefined {
  const source = base.source.slice();
  for (let t = 0; t < base.txns.length; t++)
    if (base.txns.process[t] !== session)
      source.fill(OWN, base.txns.start[t] as number, base.txns.start[t + 1] as number);
  const own = causalBase(base.txns, { source, again: [], happened, reads: 0, ambiguous: 0 }, limits);
  // A session that reads what it writes only later.
  if (topologicalOrder(own, limits).length < own.members.length)
    return describeCycle(own, 'PRAM', orderCycle(own, undefined, WR, limits) as CausalStep[], session);
  const result = sessionMemory(own, writesBySession(own, limits), session, limits);
  if (!result) return undefined;
  return result.steps
    ? describeCycle(own, 'PRAM', result.steps, session, result.passed)
    : describeStale(
        own,
        'PRAM',
        { micro: result.micro as number, other: result.other as number },
        result.passed,
      );
}

import { addEdge, noEdges, WW } from '../transactions/graph.ts';
import type { Edges } from '../transactions/graph.ts';
import { topologicalOrder } from './base.ts';
import type { CausalBase } from './base.ts';
import { clocksOf } from './clocks.ts';
import { nothingPassed, orderCycle, pass } from './commit-order.ts';
import type { CausalStep, Passed } from './commit-order.ts';
import type { Limits } from '../transactions/limits.ts';
import { forEachVisibleWrite } from './visible-writes.ts';
import type { WritesBySession } from './writes-by-session.ts';

/**
 * Causal memory (CM): every session can put its causal past into one order that explains all of its own reads,
 * and keeps to that order (Ahamad et al. 1995; the polynomial test is that of Bouajjani et al., POPL 2017).
 *
 * For one session: whenever it reads x from T1 knowing of T2's write to x, T2 comes before T1 for it from then on, and
 * that knowledge may let it know of more. Repeat until nothing is new; a cycle, or a read of the initial value
 * by someone who knows of a write, is a violation.
 */
export interface MemoryViolation {
  readonly session: number;
  readonly kind: 'WriteHBInitRead' | 'CyclicHB';
  readonly steps?: readonly CausalStep[];
  /** The stale read of the initial value, and the write it knew of. */
  readonly micro?: number;
  readonly other?: number;
  readonly passed: Passed;
}

export type MemoryResult = { readonly holds: true } | { readonly violation: MemoryViolation };

export function causalMemory(base: CausalBase, writes: WritesBySession, limits: Limits): MemoryResult {
  for (let session = 0; session < base.sessions; session++) {
    const result = sessionMemory(base, writes, session, limits);
    if (result) return { violation: result };
  }
  return { holds: true };
}

/** Whether one session's reads fit into an order of its own; the reason when they do not. */
export function sessionMemory(
  base: CausalBase,
  writes: WritesBySession,
  session: number,
  limits: Limits,
): MemoryViolation | undefined {
  const passed = nothingPassed(limits);
  const known = new Set<number>();
  for (;;) {
    const { found, stale } = extend(base, writes, session, passed, known, limits);
    if (stale) return { session, kind: 'WriteHBInitRead', ...stale, passed };
    if (!found) return undefined;
    const steps = orderCycle(base, passed, WW, limits);
    if (steps) return { session, kind: 'CyclicHB', steps, passed };
  }
}

/** One more round of "it knew of that write, so it had it before what it read": whether anything was new. */
function extend(
  base: CausalBase,
  writes: WritesBySession,
  session: number,
  passed: Passed,
  known: Set<number>,
  limits: Limits,
): { found: boolean; stale?: { micro: number; other: number } } {
  const fresh: Edges = noEdges(16, limits);
  const order = topologicalOrder(base, limits, passed.edges);
  const clocks = clocksOf(base, order, { first: 0, width: base.sessions }, limits, undefined, passed.edges);
  const own = {
    ...base,
    members: base.members.subarray(base.sessionStart[session], base.sessionStart[session + 1]),
  };
  const micros: number[] = [];
  let stale: { micro: number; other: number } | undefined;
  forEachVisibleWrite(own, writes, clocks, limits, (_, micro, from, other) => {
    if (from < 0) {
      stale ??= { micro, other };
      return;
    }
    const name = other * base.txns.length + from;
    if (known.has(name)) return;
    known.add(name);
    addEdge(fresh, other, from, WW);
    micros.push(micro);
  });
  for (let e = 0; e < fresh.length; e++)
    pass(passed, fresh.from[e] as number, fresh.to[e] as number, micros[e] as number);
  return { found: fresh.length > 0, ...(stale && { stale }) };
}

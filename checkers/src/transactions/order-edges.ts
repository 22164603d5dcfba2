import { OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import { addEdge, RT, SO, VIA } from './graph.ts';
import type { Edges } from './graph.ts';
import { inOrder } from './in-order.ts';
import type { Limits } from './limits.ts';

/**
 * For each transaction the last one of its session that must come before it, among those that `happened`; −1 where there
 * is none. One whose outcome its client never learned may take effect later than what the client did next, so nothing
 * comes after it.
 */
export function previousInSession(txns: Transactions, happened: Uint8Array, limits: Limits): Int32Array {
  const last = limits.int32(txns.processes.length).fill(-1);
  const previous = limits.int32(txns.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    limits.step(1);
    if (!happened[t]) continue;
    const session = txns.process[t] as number;
    const before = last[session] as number;
    // In a session that overlaps itself, order is what time says.
    if (before >= 0 && (!txns.timed || (txns.return[before] as number) < (txns.call[t] as number)))
      previous[t] = before;
    if (txns.outcome[t] === OK) last[session] = t;
  }
  return previous;
}

export function addSessionEdges(
  edges: Edges,
  txns: Transactions,
  happened: Uint8Array,
  limits: Limits,
): void {
  const previous = previousInSession(txns, happened, limits);
  for (let t = 0; t < txns.length; t++) {
    limits.step(1);
    if ((previous[t] as number) >= 0) addEdge(edges, previous[t] as number, t, SO);
  }
}

/**
 * "Returned before the other was called" is a quadratic relation. It is drawn with two edges a transaction, through
 * a chain of junctions, one for every moment at which something returned:
 *
 * ```
 *   a ├───┤                     a ──► J₁ ──► J₂ ──► d
 *   b   ├─────┤                        │
 *   c       ├───┤               b ─────┼───► J₂
 *   d           ├──┤                   └──► c
 * ```
 *
 * A path through junctions exists exactly where one returned before the other was called. Junctions are numbered
 * from `firstJunction`; the return value is the first number not used.
 */
export function addRealTimeEdges(
  edges: Edges,
  txns: Transactions,
  happened: Uint8Array,
  firstJunction: number,
  limits: Limits,
): number {
  const { call, return: returned } = txns;
  const byCall = inOrder(call, happened, limits);
  const byReturn = inOrder(returned, happened, limits);
  let junction = firstJunction - 1;
  let r = 0;
  for (const t of byCall) {
    limits.step(2);
    const at = call[t] as number;
    let opened = false;
    for (; r < byReturn.length && (returned[byReturn[r] as number] as number) < at; r++) {
      if (!opened) {
        opened = true;
        junction++;
        if (junction > firstJunction) addEdge(edges, junction - 1, junction, VIA);
      }
      addEdge(edges, byReturn[r] as number, junction, RT);
    }
    if (junction >= firstJunction) addEdge(edges, junction, t, VIA);
  }
  return junction + 1;
}

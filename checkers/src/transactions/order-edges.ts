import { OPEN } from './columns.ts';
import type { Transactions } from './columns.ts';
import { addEdge, RT, SO, VIA } from './graph.ts';
import type { Edges } from './graph.ts';

/** Each transaction to the next one of its session, among those that `happened`. */
export function addSessionEdges(edges: Edges, txns: Transactions, happened: Uint8Array): void {
  const last = new Int32Array(txns.processes.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    if (!happened[t]) continue;
    const session = txns.process[t] as number;
    if ((last[session] as number) >= 0) addEdge(edges, last[session] as number, t, SO);
    last[session] = t;
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
): number {
  const { call, return: returned } = txns;
  const byCall = inOrder(call, happened);
  const byReturn = inOrder(returned, happened);
  let junction = firstJunction - 1;
  let r = 0;
  for (const t of byCall) {
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

/** Transactions by position, leaving out those that did not happen or never returned. Counting sort. */
function inOrder(position: Int32Array, happened: Uint8Array): Int32Array {
  let last = 0;
  for (let t = 0; t < position.length; t++)
    if (position[t] !== OPEN && (position[t] as number) > last) last = position[t] as number;
  const start = new Int32Array(last + 2);
  for (let t = 0; t < position.length; t++)
    if (happened[t] && position[t] !== OPEN) start[(position[t] as number) + 1]!++;
  for (let p = 0; p <= last; p++) start[p + 1]! += start[p] as number;
  const sorted = new Int32Array(start[last + 1] as number);
  for (let t = 0; t < position.length; t++)
    if (happened[t] && position[t] !== OPEN) sorted[start[position[t] as number]!++] = t;
  return sorted;
}

import { OPEN } from './columns.ts';
import type { Transactions } from './columns.ts';
import { addEdge, RW, WW } from './graph.ts';
import type { Edges } from './graph.ts';
import type { Limits } from './limits.ts';
import type { RegisterVersions } from './register-versions.ts';
import type { Writers } from './writers.ts';

/**
 * What real time says about the versions of one key (Gibbons & Korach 1997). Everyone who touched a chain of versions
 * touched it before the next chain began, so when somebody on chain u had returned before somebody on chain v was
 * called, u comes first:
 *
 * ```
 *   u   ├──┤                        ends(u): the first return on u
 *   v            ├───┤   ├──┤       begins(v): the last call on v        ends(u) < begins(v)  ⇒  u before v
 * ```
 *
 * Sorted by `ends + begins`, chains are in an order that agrees with every such pair that does not contradict another.
 */
export function addZoneEdges(
  edges: Edges,
  txns: Transactions,
  writers: Writers,
  versions: RegisterVersions,
  limits: Limits,
): void {
  const { ends, begins } = zonesOf(txns, writers, versions, limits);
  const { keyStart, chain, first } = versions;
  for (let k = 0; k < txns.keys.length; k++) {
    const from = (keyStart[k] as number) + (first[k] === -1 ? 0 : 1);
    const to = keyStart[k + 1] as number;
    if (to - from < 2) continue;
    const sorted = chain
      .slice(from, to)
      .toSorted(
        (a, b) => (ends[a] as number) + (begins[a] as number) - (ends[b] as number) - (begins[b] as number),
      );
    for (let i = 1; i < sorted.length; i++)
      for (let j = i - 1; j >= Math.max(0, i - NEIGHBOURS); j--) {
        const u = sorted[j] as number;
        const v = sorted[i] as number;
        if ((ends[u] as number) >= (begins[v] as number)) continue;
        orderChains(edges, writers, versions, u, v);
        // Who comes before u comes before v by way of u, unless only this pair is known.
        if (j < i - 1) break;
        if (j > 0 && (ends[sorted[j - 1] as number] as number) < (begins[u] as number)) break;
      }
  }
}

/** How far back to look for a chain that is certainly earlier. */
const NEIGHBOURS = 8;

/** Chain `u` before chain `v`: its last writer, and everyone who read what that wrote, before the first of `v`. */
export function orderChains(
  edges: Edges,
  writers: Writers,
  versions: RegisterVersions,
  u: number,
  v: number,
): void {
  const { head, tail, readers, readersStart } = versions;
  const last = tail[u] as number;
  const next = writers.of[head[v] as number] as number;
  addEdge(edges, writers.of[last] as number, next, WW);
  for (let r = readersStart[last] as number; r < (readersStart[last + 1] as number); r++)
    addEdge(edges, readers[r] as number, next, RW);
}

/** When each chain is over with, and when it is still going on; and whose operations say so. */
export interface Zones {
  /** Position of the first return on a chain, and of the last call. */
  readonly ends: Int32Array;
  readonly begins: Int32Array;
  readonly endedBy: Int32Array;
  readonly begunBy: Int32Array;
}

export function zonesOf(
  txns: Transactions,
  writers: Writers,
  versions: RegisterVersions,
  limits: Limits,
): Zones {
  const { chainOf, readers, readersStart } = versions;
  const ends = limits.int32(versions.chains).fill(OPEN);
  const begins = limits.int32(versions.chains).fill(-1);
  const endedBy = limits.int32(versions.chains).fill(-1);
  const begunBy = limits.int32(versions.chains).fill(-1);
  const touch = (c: number, t: number): void => {
    if ((txns.return[t] as number) < (ends[c] as number)) {
      ends[c] = txns.return[t] as number;
      endedBy[c] = t;
    }
    if ((txns.call[t] as number) > (begins[c] as number)) {
      begins[c] = txns.call[t] as number;
      begunBy[c] = t;
    }
  };
  for (let v = 0; v < txns.versions; v++) {
    const c = chainOf[v] as number;
    if (c < 0) continue;
    touch(c, writers.of[v] as number);
    for (let r = readersStart[v] as number; r < (readersStart[v + 1] as number); r++)
      touch(c, readers[r] as number);
    limits.step(2);
  }
  return { ends, begins, endedBy, begunBy };
}

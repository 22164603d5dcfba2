import { causalBase } from '../causal/base.ts';
import type { CausalBase } from '../causal/base.ts';
import { forEachVisibleWrite } from '../causal/visible-writes.ts';
import { writesBySession } from '../causal/writes-by-session.ts';
import { components } from './components.ts';
import { OPEN } from './columns.ts';
import type { Transactions } from './columns.ts';
import { graphOf } from './graph.ts';
import type { Edges } from './graph.ts';
import type { RegisterReads } from './register-reads.ts';
import type { RegisterVersions } from './register-versions.ts';
import type { Writers } from './writers.ts';
import { orderChains } from './zones.ts';

/**
 * Orders chains of versions by what readers must have known: whoever reads x from T1, while everything certain puts T2's
 * write to x before the reader, shows that T2 came before T1. New edges put more before more readers, so this is repeated.
 *
 * "Certain" is kept as vector clocks over sessions or, when real time counts, over chains of transactions each of which
 * returned before the next was called; there are as many as there were clients. O(transactions · chains) a round.
 * Returns whether anything was added.
 */
export function saturate(
  txns: Transactions,
  writers: Writers,
  reads: RegisterReads,
  versions: RegisterVersions,
  graph: { readonly edges: Edges; readonly nodes: number; readonly gathered: number },
  realTime: boolean,
  rounds: number,
): void {
  const chained = realTime ? inTimeChains(txns, reads) : { txns, reads };
  if (chained.txns.processes.length > CHAINS_MAX) return;
  const base = causalBase(chained.txns, chained.reads);
  const writes = writesBySession(base);
  const known = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const row = certainClocks(base, graph);
    if (row === undefined) return;
    const width = base.sessions;
    let added = 0;
    forEachVisibleWrite(base, writes, { first: 0, width, row }, (_, micro, from, other) => {
      if (from < 0) return;
      const v = versions.chainOf[txns.value[micro] as number] as number;
      const u = chainWrittenBy(txns, versions, other, txns.key[micro] as number);
      if (u < 0 || v < 0 || u === v || known.has(u * versions.chains + v)) return;
      known.add(u * versions.chains + v);
      orderChains(graph.edges, writers, versions, u, v);
      added++;
    });
    if (added === 0) return;
  }
}

/** More chains than this are too dear to keep clocks of. */
const CHAINS_MAX = 64;

function chainWrittenBy(txns: Transactions, versions: RegisterVersions, t: number, k: number): number {
  for (let m = (txns.start[t + 1] as number) - 1; m >= (txns.start[t] as number); m--)
    if (txns.key[m] === k && versions.chainOf[txns.value[m] as number] !== undefined && txns.kind[m] === 1)
      return versions.chainOf[txns.value[m] as number] as number;
  return -1;
}

/** The same transactions with chains in real time in place of sessions. Those that never returned are left out. */
function inTimeChains(
  txns: Transactions,
  reads: RegisterReads,
): { txns: Transactions; reads: RegisterReads } {
  const process = new Int32Array(txns.length);
  const happened = reads.happened.slice();
  const lastReturn: number[] = [];
  const lastOfProcess = new Int32Array(txns.processes.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    if (!happened[t]) continue;
    if (txns.return[t] === OPEN) {
      happened[t] = 0;
      continue;
    }
    const call = txns.call[t] as number;
    const own = txns.process[t] as number;
    let chain = lastOfProcess[own] as number;
    if (chain < 0 || (lastReturn[chain] as number) >= call) chain = lastReturn.findIndex((end) => end < call);
    if (chain < 0) chain = lastReturn.push(-1) - 1;
    lastReturn[chain] = txns.return[t] as number;
    lastOfProcess[own] = chain;
    process[t] = chain;
  }
  return {
    txns: { ...txns, process, processes: lastReturn.map((_, chain) => chain) },
    reads: { ...reads, happened },
  };
}

/**
 * For each transaction and chain how many of the chain's transactions certainly come before it. Junctions of real time
 * share one row that grows as they are passed; undefined when what is certain is already a cycle.
 */
function certainClocks(
  base: CausalBase,
  { edges, nodes, gathered }: { readonly edges: Edges; readonly nodes: number; readonly gathered: number },
): Int32Array | undefined {
  const n = base.txns.length;
  const width = base.sessions;
  const forward = graphOf(nodes, edges);
  const parts = components(forward);
  if (parts.count > 0) return undefined;
  const backward = graphOf(nodes, {
    length: edges.length,
    from: edges.to,
    to: edges.from,
    label: edges.label,
  });
  const row = new Int32Array(gathered * width);
  const now = new Int32Array(width);
  const { order } = parts;
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i] as number;
    const to = v < gathered ? row : now;
    const at = v < gathered ? v * width : 0;
    for (let e = backward.start[v] as number; e < (backward.start[v + 1] as number); e++) {
      const u = backward.to[e] as number;
      if (u >= gathered) continue;
      const from = u * width;
      for (let s = 0; s < width; s++)
        if ((row[from + s] as number) > (to[at + s] as number)) to[at + s] = row[from + s] as number;
      if (u >= n || (base.place[u] as number) < 0) continue;
      const chain = base.txns.process[u] as number;
      const count = (base.place[u] as number) + 1;
      if (count > (to[at + chain] as number)) to[at + chain] = count;
    }
    if (v < gathered) continue;
    // Everyone called from here on comes after all that has returned.
    for (let e = forward.start[v] as number; e < (forward.start[v + 1] as number); e++) {
      const t = forward.to[e] as number;
      if (t < n)
        for (let s = 0; s < width; s++)
          row[t * width + s] = Math.max(row[t * width + s] as number, now[s] as number);
    }
  }
  return row;
}

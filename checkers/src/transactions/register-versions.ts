import { INITIAL, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Findings } from './findings.ts';
import { addEdge, noEdges, RW, VIA, WR, WW } from './graph.ts';
import type { Edges } from './graph.ts';
import type { Limits } from './limits.ts';
import { lastWriteTo, NOBODY, OWN } from './register-reads.ts';
import type { RegisterReads } from './register-reads.ts';
import { keyName, nameOf, valueName } from './words.ts';
import type { Writers } from './writers.ts';

/**
 * # What is known of the order of a register's versions
 *
 * A register does not remember what it held, so its order of versions has to be reasoned out. Whoever reads a version
 * and then writes the same key writes the very next one (no level above read committed allows a write in between), so
 * versions link up into chains. Between chains nothing is known at first:
 *
 * ```
 *   nothing ─► 1 ─► 4 ─► 5          the chain of the initial value is first
 *   2 ─► 3          6               these may come in either order, but not interleaved
 * ```
 *
 * Workloads that read before they write leave one chain a key, and nothing to search for (Huang et al. 2023).
 */
export interface RegisterVersions {
  /** For each version the one that a reader of it wrote next; −1 where nobody did. */
  readonly next: Int32Array;
  /** For each version its chain; −1 for versions that were overwritten in their own transaction, never took effect, or have several writers. */
  readonly chainOf: Int32Array;
  readonly chains: number;
  /** First and last version of each chain. */
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** Chains of key `k` are `chain[keyStart[k]] … chain[keyStart[k + 1] − 1]`, the initial value's first. */
  readonly keyStart: Int32Array;
  readonly chain: Int32Array;
  /** Per key the version written by whoever read the initial value first, or −1. Its chain cannot move. */
  readonly first: Int32Array;
  /** Readers of version `v` are `readers[readersStart[v]] …`; those of key `k`’s initial value `initial[initialStart[k]] …`. */
  readonly readersStart: Int32Array;
  readonly readers: Int32Array;
  readonly initialStart: Int32Array;
  readonly initial: Int32Array;
}

export function registerVersions(
  txns: Transactions,
  writers: Writers,
  reads: RegisterReads,
  findings: Findings,
  limits: Limits,
): RegisterVersions {
  const lists = readersOf(txns, reads, limits);
  const next = limits.int32(txns.versions).fill(-1);
  const previous = limits.int32(txns.versions).fill(-1);
  const first = limits.int32(txns.keys.length).fill(-1);
  const written = limits.int32(txns.keys.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    limits.step((txns.start[t + 1] as number) - (txns.start[t] as number));
    if (!reads.happened[t]) continue;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
      if (txns.kind[m] === WRITE) written[txns.key[m] as number] = t;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const k = txns.key[m] as number;
      if (reads.source[m] === OWN || written[k] !== t) continue;
      const mine = txns.value[lastWriteTo(txns, t, k)] as number;
      // Of two versions of one value nobody can tell which is the one that came next.
      if (writers.ambiguous[mine]) continue;
      const read = txns.value[m] as number;
      const rival = read === INITIAL ? (first[k] as number) : (next[read] as number);
      if (rival !== -1) lostUpdate(txns, writers.of[rival] as number, t, m, findings);
      else if (read === INITIAL) first[k] = mine;
      else next[read] = mine;
      if (rival === -1 && read !== INITIAL) previous[mine] = read;
    }
  }
  return { next, first, ...lists, ...chainsOf(txns, writers, reads, next, previous, first, limits) };
}

function chainsOf(
  txns: Transactions,
  writers: Writers,
  reads: RegisterReads,
  next: Int32Array,
  previous: Int32Array,
  first: Int32Array,
  limits: Limits,
): Pick<RegisterVersions, 'chainOf' | 'chains' | 'head' | 'tail' | 'keyStart' | 'chain'> {
  const chainOf = limits.int32(txns.versions).fill(-1);
  const head: number[] = [];
  const tail: number[] = [];
  const keyStart = limits.int32(txns.keys.length + 1);
  for (let v = 0; v < txns.versions; v++) {
    limits.step(1);
    const writer = writers.of[v] as number;
    if (writer < 0 || !reads.happened[writer] || !writers.final[v] || previous[v] !== -1) continue;
    // Which of its writers comes where nobody can tell.
    if (writers.ambiguous[v]) continue;
    let last = v;
    for (let w = v; w !== -1; w = next[w] as number) {
      chainOf[w] = head.length;
      last = w;
    }
    head.push(v);
    tail.push(last);
    keyStart[(txns.versionKey[v] as number) + 1]!++;
  }
  for (let k = 0; k < txns.keys.length; k++) keyStart[k + 1]! += keyStart[k] as number;
  const at = keyStart.slice(0, txns.keys.length);
  const chain = limits.int32(head.length);
  for (let c = 0; c < head.length; c++) chain[at[txns.versionKey[head[c] as number] as number]!++] = c;
  for (let k = 0; k < txns.keys.length; k++) {
    if (first[k] === -1) continue;
    const begin = keyStart[k] as number;
    const place = chain.indexOf(chainOf[first[k] as number] as number, begin);
    [chain[begin], chain[place]] = [chain[place] as number, chain[begin] as number];
  }
  return {
    chainOf,
    chains: head.length,
    head: Int32Array.from(head),
    tail: Int32Array.from(tail),
    keyStart,
    chain,
  };
}

function readersOf(
  txns: Transactions,
  reads: RegisterReads,
  limits: Limits,
): Pick<RegisterVersions, 'readersStart' | 'readers' | 'initialStart' | 'initial'> {
  const { start, value, key, versions } = txns;
  const readersStart = limits.int32(versions + 1);
  const initialStart = limits.int32(txns.keys.length + 1);
  for (let m = 0; m < value.length; m++)
    if (reads.source[m] === NOBODY) initialStart[(key[m] as number) + 1]!++;
    else if (reads.source[m] !== OWN) readersStart[(value[m] as number) + 1]!++;
  for (let v = 0; v < versions; v++) readersStart[v + 1]! += readersStart[v] as number;
  for (let k = 0; k < txns.keys.length; k++) initialStart[k + 1]! += initialStart[k] as number;
  const readers = limits.int32(readersStart[versions] as number);
  const initial = limits.int32(initialStart[txns.keys.length] as number);
  const nextReader = readersStart.slice(0, versions);
  const nextInitial = initialStart.slice(0, txns.keys.length);
  for (let t = 0; t < txns.length; t++)
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (reads.source[m] === NOBODY) initial[nextInitial[key[m] as number]!++] = t;
      else if (reads.source[m] !== OWN) readers[nextReader[value[m] as number]!++] = t;
  return { readersStart, readers, initialStart, initial };
}

function lostUpdate(txns: Transactions, other: number, t: number, m: number, findings: Findings): void {
  const k = txns.key[m] as number;
  findings.add(
    { kind: 'lost update', class: 'single', key: k, transactions: [other, t] },
    () =>
      `${nameOf(txns, other)} and ${nameOf(txns, t)} both read ${keyName(txns, k)} as ${valueName(txns, txns.value[m] as number)}, and both wrote it: one did not know of the other.`,
  );
}

/** Edges that hold in any order of the chains. Nodes from `txns.length` up to `nodes` gather many readers into one. */
export function certainEdges(
  txns: Transactions,
  writers: Writers,
  versions: RegisterVersions,
  limits: Limits,
): { readonly edges: Edges; readonly nodes: number } {
  const edges = noEdges(Math.max(1024, txns.key.length * 3), limits);
  let nodes = txns.length;
  const { next, readers, readersStart, initial, initialStart, chain, keyStart, head, first } = versions;
  for (let v = 0; v < txns.versions; v++) {
    limits.step(2);
    const writer = writers.of[v] as number;
    const over = next[v] as number;
    for (let r = readersStart[v] as number; r < (readersStart[v + 1] as number); r++) {
      addEdge(edges, writer, readers[r] as number, WR);
      if (over !== -1) addEdge(edges, readers[r] as number, writers.of[over] as number, RW);
    }
  }
  for (let k = 0; k < txns.keys.length; k++) {
    const from = keyStart[k] as number;
    const to = keyStart[k + 1] as number;
    const writerAt = (c: number): number => writers.of[head[chain[c] as number] as number] as number;
    const begin = initialStart[k] as number;
    const end = initialStart[k + 1] as number;
    if (first[k] !== -1) {
      for (let c = from + 1; c < to; c++)
        addEdge(edges, writers.of[first[k] as number] as number, writerAt(c), WW);
      for (let r = begin; r < end; r++)
        addEdge(edges, initial[r] as number, writers.of[first[k] as number] as number, RW);
    } else if (end - begin > 1 && to - from > 1) {
      for (let r = begin; r < end; r++) addEdge(edges, initial[r] as number, nodes, RW);
      for (let c = from; c < to; c++) addEdge(edges, nodes, writerAt(c), VIA);
      nodes++;
    } else
      for (let r = begin; r < end; r++)
        for (let c = from; c < to; c++) addEdge(edges, initial[r] as number, writerAt(c), RW);
  }
  return { edges, nodes };
}

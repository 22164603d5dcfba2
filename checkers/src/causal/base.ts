import type { Transactions } from '../transactions/columns.ts';
import { addEdge, noEdges, SO, WR } from '../transactions/graph.ts';
import type { Edges } from '../transactions/graph.ts';
import type { Limits } from '../transactions/limits.ts';
import { previousInSession } from '../transactions/order-edges.ts';
import type { RegisterReads } from '../transactions/register-reads.ts';

/**
 * What causality is made of: the order of sessions, and who read from whom. Everything here speaks of
 * transactions that took effect; a plain read or write is a transaction of one step.
 *
 * Here a session is a chain. One whose client went on without an answer is cut there: what that client asked for may take
 * effect after what it went on with, so the rest is a session of its own that branches off before.
 */
export interface CausalBase {
  /** The history, its processes numbered as the sessions here. */
  readonly txns: Transactions;
  /** For each micro-operation the transaction it read from; see {@link RegisterReads}. */
  readonly source: Int32Array;
  readonly sessions: number;
  /** A transaction's place in its session, −1 when it did not take effect. */
  readonly place: Int32Array;
  /** Session `s` is `members[sessionStart[s]] … members[sessionStart[s + 1] − 1]`. */
  readonly members: Int32Array;
  readonly sessionStart: Int32Array;
  /** For each session the transaction that it branches off from, or −1. */
  readonly trunk: Int32Array;
  /** Readers of transaction `t` (once for each read), and where sessions branch off: `readers[readersStart[t]] …`. */
  readonly readers: Int32Array;
  readonly readersStart: Int32Array;
}

export function causalBase(txns: Transactions, reads: RegisterReads, limits: Limits): CausalBase {
  const { length: n, start } = txns;
  const { source, happened } = reads;
  const chained = chains(txns, happened, limits);
  const { process } = chained.txns;
  const sessions = chained.trunk.length;
  const sessionStart = limits.int32(sessions + 1);
  for (let t = 0; t < n; t++) if (happened[t]) sessionStart[(process[t] as number) + 1]!++;
  for (let s = 0; s < sessions; s++) sessionStart[s + 1]! += sessionStart[s] as number;
  const next = sessionStart.slice(0, sessions);
  const members = limits.int32(sessionStart[sessions] as number);
  const place = limits.int32(n).fill(-1);
  const readersStart = limits.int32(n + 1);
  for (let t = 0; t < n; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    if (!happened[t]) continue;
    const s = process[t] as number;
    place[t] = (next[s] as number) - (sessionStart[s] as number);
    members[next[s]!++] = t;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if ((source[m] as number) >= 0) readersStart[(source[m] as number) + 1]!++;
  }
  for (const trunk of chained.trunk) if (trunk >= 0) readersStart[trunk + 1]!++;
  for (let t = 0; t < n; t++) readersStart[t + 1]! += readersStart[t] as number;
  const nextReader = readersStart.slice(0, n);
  const readers = limits.int32(readersStart[n] as number);
  for (let t = 0; t < n; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    if (!happened[t]) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if ((source[m] as number) >= 0) readers[nextReader[source[m] as number]!++] = t;
  }
  for (const [s, trunk] of chained.trunk.entries())
    if (trunk >= 0) readers[nextReader[trunk]!++] = members[sessionStart[s] as number] as number;
  return { ...chained, source, sessions, place, members, sessionStart, readers, readersStart };
}

/** Processes as chains: where a transaction cannot follow the one before it, a new chain begins. */
function chains(
  txns: Transactions,
  happened: Uint8Array,
  limits: Limits,
): { readonly txns: Transactions; readonly trunk: Int32Array } {
  const previous = previousInSession(txns, happened, limits);
  const process = limits.int32(txns.length);
  const names: number[] = [];
  const trunk: number[] = [];
  const last: number[] = [];
  for (let t = 0; t < txns.length; t++) {
    if (!happened[t]) continue;
    const before = previous[t] as number;
    let chain = before < 0 ? -1 : (process[before] as number);
    if (chain < 0 || last[chain] !== before) {
      chain = names.push(txns.processes[txns.process[t] as number] as number) - 1;
      trunk.push(before);
    }
    process[t] = chain;
    last[chain] = t;
  }
  return { txns: { ...txns, process, processes: names }, trunk: Int32Array.from(trunk) };
}

/** The next transaction of the same session, or −1. */
export function successor(base: CausalBase, t: number): number {
  const s = base.txns.process[t] as number;
  const at = (base.sessionStart[s] as number) + (base.place[t] as number) + 1;
  return at < (base.sessionStart[s + 1] as number) ? (base.members[at] as number) : -1;
}

/** The one that comes before it in its session, or that its session branches off from; −1 if there is none. */
export function predecessor(base: CausalBase, t: number): number {
  const s = base.txns.process[t] as number;
  const place = base.place[t] as number;
  if (place === 0) return base.trunk[s] as number;
  return place < 0 ? -1 : (base.members[(base.sessionStart[s] as number) + place - 1] as number);
}

/**
 * Transactions so that each comes after those it depends on (Kahn's algorithm), over session order, reads-from and
 * the extra edges given. Shorter than `members` when there is a cycle.
 */
export function topologicalOrder(base: CausalBase, limits: Limits, extra?: Edges): Int32Array {
  const { members, readers, readersStart, txns } = base;
  const degree = limits.int32(txns.length);
  const extraStart = limits.int32(extra ? txns.length + 1 : 0);
  const extraTo = limits.int32(extra?.length ?? 0);
  if (extra) {
    for (let e = 0; e < extra.length; e++) {
      extraStart[(extra.from[e] as number) + 1]!++;
      degree[extra.to[e] as number]!++;
    }
    for (let t = 0; t < txns.length; t++) extraStart[t + 1]! += extraStart[t] as number;
    const next = extraStart.slice(0, txns.length);
    for (let e = 0; e < extra.length; e++) extraTo[next[extra.from[e] as number]!++] = extra.to[e] as number;
  }
  for (let r = 0; r < readers.length; r++) degree[readers[r] as number]!++;
  for (let i = 0; i < members.length; i++) {
    const t = members[i] as number;
    if ((base.place[t] as number) > 0) degree[t]!++;
  }
  const order = limits.int32(members.length);
  let tail = 0;
  for (let t = 0; t < txns.length; t++)
    if (degree[t] === 0 && (base.place[t] as number) >= 0) order[tail++] = t;
  for (let head = 0; head < tail; head++) {
    const t = order[head] as number;
    limits.step(2);
    const after = successor(base, t);
    if (after >= 0 && --degree[after]! === 0) order[tail++] = after;
    for (let r = readersStart[t] as number; r < (readersStart[t + 1] as number); r++)
      if (--degree[readers[r] as number]! === 0) order[tail++] = readers[r] as number;
    if (extra)
      for (let e = extraStart[t] as number; e < (extraStart[t + 1] as number); e++)
        if (--degree[extraTo[e] as number]! === 0) order[tail++] = extraTo[e] as number;
  }
  return order.subarray(0, tail);
}

/** The same edges as a list, for when a cycle has to be named. */
export function causalEdges(base: CausalBase, limits: Limits): Edges {
  const edges = noEdges(base.members.length * 2 + 16, limits);
  for (const t of base.members) {
    const after = successor(base, t);
    if (after >= 0) addEdge(edges, t, after, SO);
    for (let r = base.readersStart[t] as number; r < (base.readersStart[t + 1] as number); r++)
      addEdge(edges, t, base.readers[r] as number, WR);
  }
  return edges;
}

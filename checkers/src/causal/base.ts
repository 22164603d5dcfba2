import type { Transactions } from '../transactions/columns.ts';
import { addEdge, noEdges, SO, WR } from '../transactions/graph.ts';
import type { Edges } from '../transactions/graph.ts';
import type { RegisterReads } from '../transactions/register-reads.ts';

/**
 * What causality is made of: the order of sessions, and who read from whom. Everything here speaks of
 * transactions that took effect; a plain read or write is a transaction of one step.
 */
export interface CausalBase {
  readonly txns: Transactions;
  /** For each micro-operation the transaction it read from; see {@link RegisterReads}. */
  readonly source: Int32Array;
  readonly sessions: number;
  /** A transaction's place in its session, −1 when it did not take effect. */
  readonly place: Int32Array;
  /** Session `s` is `members[sessionStart[s]] … members[sessionStart[s + 1] − 1]`. */
  readonly members: Int32Array;
  readonly sessionStart: Int32Array;
  /** Readers of transaction `t` (once for each read) are `readers[readersStart[t]] …`. */
  readonly readers: Int32Array;
  readonly readersStart: Int32Array;
}

export function causalBase(txns: Transactions, reads: RegisterReads): CausalBase {
  const { length: n, process, start } = txns;
  const { source, happened } = reads;
  const sessions = txns.processes.length;
  const sessionStart = new Int32Array(sessions + 1);
  for (let t = 0; t < n; t++) if (happened[t]) sessionStart[(process[t] as number) + 1]!++;
  for (let s = 0; s < sessions; s++) sessionStart[s + 1]! += sessionStart[s] as number;
  const next = sessionStart.slice(0, sessions);
  const members = new Int32Array(sessionStart[sessions] as number);
  const place = new Int32Array(n).fill(-1);
  const readersStart = new Int32Array(n + 1);
  for (let t = 0; t < n; t++) {
    if (!happened[t]) continue;
    const s = process[t] as number;
    place[t] = (next[s] as number) - (sessionStart[s] as number);
    members[next[s]!++] = t;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if ((source[m] as number) >= 0) readersStart[(source[m] as number) + 1]!++;
  }
  for (let t = 0; t < n; t++) readersStart[t + 1]! += readersStart[t] as number;
  const nextReader = readersStart.slice(0, n);
  const readers = new Int32Array(readersStart[n] as number);
  for (let t = 0; t < n; t++) {
    if (!happened[t]) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if ((source[m] as number) >= 0) readers[nextReader[source[m] as number]!++] = t;
  }
  return { txns, source, sessions, place, members, sessionStart, readers, readersStart };
}

/** The next transaction of the same session, or −1. */
export function successor(base: CausalBase, t: number): number {
  const s = base.txns.process[t] as number;
  const at = (base.sessionStart[s] as number) + (base.place[t] as number) + 1;
  return at < (base.sessionStart[s + 1] as number) ? (base.members[at] as number) : -1;
}

/** The one before it in the same session, or −1. */
export function predecessor(base: CausalBase, t: number): number {
  if ((base.place[t] as number) <= 0) return -1;
  const s = base.txns.process[t] as number;
  return base.members[(base.sessionStart[s] as number) + (base.place[t] as number) - 1] as number;
}

/**
 * Transactions so that each comes after those it depends on (Kahn's algorithm), over session order, reads-from and
 * the extra edges given. Shorter than `members` when there is a cycle.
 */
export function topologicalOrder(base: CausalBase, extra?: Edges): Int32Array {
  const { members, readers, readersStart, txns } = base;
  const degree = new Int32Array(txns.length);
  const extraStart = new Int32Array(extra ? txns.length + 1 : 0);
  const extraTo = new Int32Array(extra?.length ?? 0);
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
  const order = new Int32Array(members.length);
  let tail = 0;
  for (let t = 0; t < txns.length; t++)
    if (degree[t] === 0 && (base.place[t] as number) >= 0) order[tail++] = t;
  for (let head = 0; head < tail; head++) {
    const t = order[head] as number;
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
export function causalEdges(base: CausalBase): Edges {
  const edges = noEdges(base.members.length * 2 + 16);
  for (const t of base.members) {
    const after = successor(base, t);
    if (after >= 0) addEdge(edges, t, after, SO);
    for (let r = base.readersStart[t] as number; r < (base.readersStart[t + 1] as number); r++)
      addEdge(edges, t, base.readers[r] as number, WR);
  }
  return edges;
}

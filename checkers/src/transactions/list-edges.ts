import { APPEND, LIST } from './columns.ts';
import type { Transactions } from './columns.ts';
import { addEdge, noEdges, RW, VIA, WR, WW } from './graph.ts';
import type { Edges } from './graph.ts';
import type { Limits } from './limits.ts';
import { isPrefix } from './list-order.ts';
import type { ListOrder } from './list-order.ts';
import type { Writers } from './writers.ts';

export interface ListEdges {
  readonly edges: Edges;
  /** Nodes from here up to `nodes` are junctions. */
  readonly nodes: number;
  /** Whether some key has two appends that nobody saw, so that their order is anybody's guess. */
  readonly partial: boolean;
}

/** Adya's dependencies between list-append transactions, all of them that follow from what was read. */
export function listEdges(txns: Transactions, writers: Writers, order: ListOrder, limits: Limits): ListEdges {
  const edges = noEdges(Math.max(1024, txns.key.length * 2), limits);
  addWriteWrite(edges, txns, writers, order);
  const atEnd = addReads(edges, txns, writers, order, limits);
  return { edges, ...addUnseen(edges, txns, writers, order, atEnd) };
}

function addWriteWrite(edges: Edges, txns: Transactions, writers: Writers, order: ListOrder): void {
  for (let k = 0; k < order.size.length; k++) {
    let before = -1;
    for (let i = 0; i < (order.size[k] as number); i++) {
      const v = txns.elements[(order.at[k] as number) + i] as number;
      // An element that is there again says nothing of when it was appended.
      if (order.place[v] !== i) continue;
      const writer = happenedWriter(v, writers, order);
      if (before >= 0 && writer >= 0) addEdge(edges, before, writer, WW);
      if (writer >= 0) before = writer;
    }
  }
}

/** A read depends on who wrote its last element, and precedes who wrote the next. Returns reads of whole lists: transaction, key, … */
function addReads(
  edges: Edges,
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  limits: Limits,
): number[] {
  const { length, start, kind, key, value, elements } = txns;
  const atEnd: number[] = [];
  const tails = keysWithUnseen(txns, order);
  for (let t = 0; t < length; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    if (!order.happened[t]) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== LIST) continue;
      const k = key[m] as number;
      const size = sizeWithoutOwn(txns, writers, m, t);
      if (size > 0) {
        const from = happenedWriter(elements[(value[m] as number) + size - 1] as number, writers, order);
        if (from >= 0) addEdge(edges, from, t, WR);
      }
      if (!isPrefix(txns, order, m)) continue;
      if (size === order.size[k]) {
        if (tails[k]) atEnd.push(k, t);
        continue;
      }
      for (let i = size; i < (order.size[k] as number); i++) {
        const v = elements[(order.at[k] as number) + i] as number;
        const next = order.place[v] === i ? happenedWriter(v, writers, order) : -1;
        if (next < 0) continue;
        addEdge(edges, t, next, RW);
        break;
      }
    }
  }
  return atEnd;
}

/** How long the list was before the reader's own appends: those are no news from anyone else. */
export function sizeWithoutOwn(txns: Transactions, writers: Writers, m: number, t: number): number {
  let size = txns.size[m] as number;
  const at = txns.value[m] as number;
  while (size > 0 && writers.of[txns.elements[at + size - 1] as number] === t) size--;
  return size;
}

/** The transaction that wrote a version, unless nobody certainly did. */
function happenedWriter(version: number, writers: Writers, order: ListOrder): number {
  const writer = writers.of[version] as number;
  return writer >= 0 && order.happened[writer] && !writers.ambiguous[version] ? writer : -1;
}

function keysWithUnseen(txns: Transactions, order: ListOrder): Uint8Array {
  const tails = new Uint8Array(txns.keys.length);
  forEachUnseen(txns, order, (_, k) => (tails[k] = 1));
  return tails;
}

function forEachUnseen(txns: Transactions, order: ListOrder, see: (t: number, k: number) => void): void {
  const { length, start, kind, key, value } = txns;
  for (let t = 0; t < length; t++) {
    if (!order.happened[t]) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (kind[m] === APPEND && order.place[value[m] as number] === -1) see(t, key[m] as number);
  }
}

/**
 * Appends that took effect and that nobody saw come after everything that was seen: after the writer of the last
 * element seen, and after everyone who read the whole list without them. The latter is readers × writers, so
 * many go through a junction. A reader that is itself among the writers cannot use it (it would lead back to
 * itself); two such readers contradict each other, so drawing them as a ring loses nothing.
 */
function addUnseen(
  edges: Edges,
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  atEnd: readonly number[],
): { nodes: number; partial: boolean } {
  const unseen = new Map<number, Set<number>>();
  forEachUnseen(txns, order, (t, k) => {
    const known = unseen.get(k);
    if (known) known.add(t);
    else unseen.set(k, new Set([t]));
  });
  const readers = new Map<number, Set<number>>();
  for (let i = 0; i < atEnd.length; i += 2) {
    const known = readers.get(atEnd[i] as number);
    if (known) known.add(atEnd[i + 1] as number);
    else readers.set(atEnd[i] as number, new Set([atEnd[i + 1] as number]));
  }
  let nodes = txns.length;
  let partial = false;
  for (const [k, tail] of unseen) {
    if (tail.size > 1) partial = true;
    const last = lastWriter(txns, writers, order, k);
    if (last >= 0) for (const t of tail) addEdge(edges, last, t, WW);
    const all = [...(readers.get(k) ?? [])];
    const outside = all.filter((t) => !tail.has(t));
    const inside = all.filter((t) => tail.has(t));
    if (outside.length > 1 && tail.size > 1) {
      const junction = nodes++;
      for (const t of outside) addEdge(edges, t, junction, RW);
      for (const t of tail) addEdge(edges, junction, t, VIA);
    } else for (const from of outside) for (const t of tail) addEdge(edges, from, t, RW);
    for (const [i, from] of inside.entries())
      addEdge(edges, from, inside[(i + 1) % inside.length] as number, RW);
    const first = inside[0];
    if (first !== undefined) for (const t of tail) addEdge(edges, first, t, RW);
  }
  return { nodes, partial };
}

function lastWriter(txns: Transactions, writers: Writers, order: ListOrder, k: number): number {
  for (let i = (order.size[k] as number) - 1; i >= 0; i--) {
    const writer = happenedWriter(txns.elements[(order.at[k] as number) + i] as number, writers, order);
    if (writer >= 0) return writer;
  }
  return -1;
}

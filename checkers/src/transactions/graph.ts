import type { Limits } from './limits.ts';

/**
 * # Dependency graphs
 *
 * Nodes are small integers; an edge carries one of these labels. Adya's three dependencies say who must
 * come before whom in any explanation of the history; the order of sessions and of real time are added
 * when a level promises to keep them.
 */

/** Wrote the version right before the other's. */
export const WW = 1;
/** Wrote what the other read. */
export const WR = 2;
/** Read a version that the other overwrote (an anti-dependency). */
export const RW = 4;
/** Came earlier in the same session. */
export const SO = 8;
/** Returned before the other was called. */
export const RT = 16;
/** From a junction (a node that stands for no transaction) onwards: costs nothing and says nothing. */
export const VIA = 32;

export interface Edges {
  length: number;
  from: Int32Array;
  to: Int32Array;
  label: Uint8Array;
  /** Who is told when they take more room. */
  readonly limits: Limits;
}

/** Nine bytes of room for each edge. */
export function noEdges(room: number, limits: Limits): Edges {
  return {
    length: 0,
    from: limits.int32(room),
    to: limits.int32(room),
    label: limits.uint8(room),
    limits,
  };
}

/** Adds an edge, unless it is a loop: nothing needs to come before itself. */
export function addEdge(edges: Edges, from: number, to: number, label: number): void {
  if (from === to) return;
  if (edges.length === edges.from.length) makeRoom(edges);
  const e = edges.length++;
  edges.from[e] = from;
  edges.to[e] = to;
  edges.label[e] = label;
}

function makeRoom(edges: Edges): void {
  const room = edges.from.length * 2;
  const { from, to, label, limits } = edges;
  // Once more as long as the old ones are copied.
  limits.hold(room * 9);
  limits.release(from.length * 9);
  edges.from = new Int32Array(room);
  edges.to = new Int32Array(room);
  edges.label = new Uint8Array(room);
  edges.from.set(from);
  edges.to.set(to);
  edges.label.set(label);
}

/** Successors of node `v` are `to[start[v]] … to[start[v+1] − 1]`. */
export interface Graph {
  readonly nodes: number;
  readonly start: Int32Array;
  readonly to: Int32Array;
  readonly label: Uint8Array;
}

/** Edges sorted by where they begin (counting sort); only those whose label is in `mask`. */
export function graphOf(nodes: number, edges: Edges, limits: Limits, mask = 0xff): Graph {
  const start = limits.int32(nodes + 1);
  const { from, to, label, length } = edges;
  for (let e = 0; e < length; e++) {
    limits.step(1);
    if ((label[e] as number) & mask) start[(from[e] as number) + 1]!++;
  }
  for (let v = 0; v < nodes; v++) start[v + 1]! += start[v] as number;
  const next = start.slice(0, nodes);
  const targets = limits.int32(start[nodes] as number);
  const labels = limits.uint8(start[nodes] as number);
  for (let e = 0; e < length; e++) {
    limits.step(1);
    if (!((label[e] as number) & mask)) continue;
    const at = next[from[e] as number]!++;
    targets[at] = to[e] as number;
    labels[at] = label[e] as number;
  }
  return { nodes, start, to: targets, label: labels };
}

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
}

export function noEdges(room = 1024): Edges {
  return { length: 0, from: new Int32Array(room), to: new Int32Array(room), label: new Uint8Array(room) };
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
  const { from, to, label } = edges;
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
export function graphOf(nodes: number, edges: Edges, mask = 0xff): Graph {
  const start = new Int32Array(nodes + 1);
  const { from, to, label, length } = edges;
  for (let e = 0; e < length; e++) if ((label[e] as number) & mask) start[(from[e] as number) + 1]!++;
  for (let v = 0; v < nodes; v++) start[v + 1]! += start[v] as number;
  const next = start.slice(0, nodes);
  const targets = new Int32Array(start[nodes] as number);
  const labels = new Uint8Array(start[nodes] as number);
  for (let e = 0; e < length; e++) {
    if (!((label[e] as number) & mask)) continue;
    const at = next[from[e] as number]!++;
    targets[at] = to[e] as number;
    labels[at] = label[e] as number;
  }
  return { nodes, start, to: targets, label: labels };
}

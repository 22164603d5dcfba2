import type { Graph } from './graph.ts';
import type { Limits } from './limits.ts';

/** The strongly connected components of a graph. */
export interface Components {
  /** Which component each node is in; −1 for a node that is on no cycle. */
  readonly of: Int32Array;
  /** How many components have a cycle. */
  readonly count: number;
  /** The nodes on cycles, component by component: those of `c` are `nodes[start[c]] … nodes[start[c+1] − 1]`. */
  readonly nodes: Int32Array;
  readonly start: Int32Array;
  /** All nodes, such that every edge outside a cycle goes from later to earlier: reversed, a topological order. */
  readonly order: Int32Array;
}

/**
 * Tarjan's algorithm, with its own stack in place of recursion: a component of a million transactions must
 * not overflow anything. Linear; 30 bytes a node.
 */
export function components(graph: Graph, limits: Limits): Components {
  const { nodes: n, start, to } = graph;
  const index = limits.int32(n).fill(-1);
  const low = limits.int32(n);
  const cursor = start.slice(0, n);
  const open = limits.int32(n); // nodes not yet in a component, in order of discovery
  const path = limits.int32(n); // the path from the root to where we are
  const of = limits.int32(n).fill(-1);
  const closed = limits.uint8(n);
  const order = limits.int32(n);
  const cyclic: number[] = [];
  const starts: number[] = [0];
  let openTop = 0;
  let pathTop = 0;
  let discovered = 0;
  let ordered = 0;
  for (let root = 0; root < n; root++) {
    if (index[root] !== -1) continue;
    path[pathTop++] = root;
    index[root] = low[root] = discovered++;
    open[openTop++] = root;
    while (pathTop > 0) {
      limits.step(1);
      const v = path[pathTop - 1] as number;
      const at = cursor[v] as number;
      if (at < (start[v + 1] as number)) {
        cursor[v] = at + 1;
        const w = to[at] as number;
        if (index[w] === -1) {
          index[w] = low[w] = discovered++;
          open[openTop++] = w;
          path[pathTop++] = w;
        } else if (!closed[w] && (index[w] as number) < (low[v] as number)) low[v] = index[w] as number;
        continue;
      }
      pathTop--;
      if (pathTop > 0) {
        const parent = path[pathTop - 1] as number;
        if ((low[v] as number) < (low[parent] as number)) low[parent] = low[v] as number;
      }
      if (low[v] !== index[v]) continue;
      // v was the first of its component to be discovered; everything above it on the stack belongs to it.
      const alone = open[openTop - 1] === v;
      for (;;) {
        const w = open[--openTop] as number;
        closed[w] = 1;
        order[ordered++] = w;
        if (!alone) {
          of[w] = starts.length - 1;
          cyclic.push(w);
        }
        if (w === v) break;
      }
      if (!alone) starts.push(cyclic.length);
    }
  }
  return {
    of,
    count: starts.length - 1,
    nodes: Int32Array.from(cyclic),
    start: Int32Array.from(starts),
    order,
  };
}

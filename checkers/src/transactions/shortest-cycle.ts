import { VIA } from './graph.ts';
import type { Graph } from './graph.ts';

/** A cycle as the edges it is made of: `label[i]` leads from `nodes[i]` to `nodes[i + 1]`, and the last to the first. */
export interface Cycle {
  readonly nodes: readonly number[];
  readonly label: readonly number[];
  /** Edges that mean something; those through junctions are free. */
  readonly length: number;
}

/** How many edges a search may still look at. */
export interface Budget {
  edges: number;
}

/**
 * A shortest cycle through one of the edges with a label in `through`, inside one component.
 *
 * From the head of each such edge, breadth first to its tail; once a cycle is known only shorter ones are looked
 * for, so all but the first few searches end after a step or two. `whole` tells whether the budget allowed every
 * edge to be tried: only then is the cycle a shortest one, and its absence proof that there is none.
 */
export function shortestCycle(
  graph: Graph,
  component: Int32Array,
  nodes: ArrayLike<number>,
  through: number,
  budget: Budget,
  search: Search = newSearch(graph.nodes),
): { readonly cycle: Cycle | undefined; readonly whole: boolean } {
  let best: Cycle | undefined;
  for (let i = 0; i < nodes.length; i++) {
    const tail = nodes[i] as number;
    for (let e = graph.start[tail] as number; e < (graph.start[tail + 1] as number); e++) {
      const head = graph.to[e] as number;
      if (!((graph.label[e] as number) & through) || component[head] !== component[tail]) continue;
      if (best && best.length <= 2) return { cycle: best, whole: true };
      if (budget.edges <= 0) return { cycle: best, whole: false };
      const limit = best ? best.length - 2 : Infinity;
      const back = shortestPath(graph, component, head, tail, limit, budget, search);
      if (!back) continue;
      best = {
        nodes: [tail, ...back.nodes.slice(0, -1)],
        label: [graph.label[e] as number, ...back.label],
        length: back.length + 1,
      };
    }
  }
  return { cycle: best, whole: budget.edges > 0 || best?.length === 2 };
}

/** Room for a breadth-first search, used again and again; `stamp` saves clearing it. */
export interface Search {
  stamp: number;
  readonly seen: Int32Array;
  readonly distance: Int32Array;
  readonly via: Int32Array;
  readonly from: Int32Array;
}

export function newSearch(nodes: number): Search {
  return {
    stamp: 0,
    seen: new Int32Array(nodes),
    distance: new Int32Array(nodes),
    via: new Int32Array(nodes),
    from: new Int32Array(nodes),
  };
}

/** Breadth first by levels of equal cost: free edges stay in the level, others lead into the next. */
function shortestPath(
  graph: Graph,
  component: Int32Array,
  from: number,
  to: number,
  limit: number,
  budget: Budget,
  search: Search,
): Cycle | undefined {
  const { seen, distance } = search;
  const stamp = ++search.stamp;
  const inside = component[from];
  seen[from] = stamp;
  distance[from] = 0;
  let level = [from];
  for (let cost = 0; level.length > 0 && cost <= limit; cost++) {
    const next: number[] = [];
    for (let i = 0; i < level.length; i++) {
      const v = level[i] as number;
      if (distance[v] !== cost) continue; // reached again more cheaply since it was queued
      if (v === to) return pathTo(graph, from, to, search);
      const end = graph.start[v + 1] as number;
      budget.edges -= end - (graph.start[v] as number) + 1;
      for (let e = graph.start[v] as number; e < end; e++) {
        const w = graph.to[e] as number;
        if (component[w] !== inside) continue;
        const step = graph.label[e] === VIA ? 0 : 1;
        if (seen[w] === stamp && (distance[w] as number) <= cost + step) continue;
        seen[w] = stamp;
        distance[w] = cost + step;
        search.via[w] = e;
        search.from[w] = v;
        if (step === 0) level.push(w);
        else next.push(w);
      }
    }
    if (budget.edges <= 0) return undefined;
    level = next;
  }
  return undefined;
}

function pathTo(graph: Graph, from: number, to: number, search: Search): Cycle {
  const nodes = [to];
  const label: number[] = [];
  for (let v = to; v !== from;) {
    label.push(graph.label[search.via[v] as number] as number);
    v = search.from[v] as number;
    nodes.push(v);
  }
  return { nodes: nodes.toReversed(), label: label.toReversed(), length: search.distance[to] as number };
}

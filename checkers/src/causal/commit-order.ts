import { components } from '../transactions/components.ts';
import { addEdge, graphOf, noEdges, WW } from '../transactions/graph.ts';
import type { Edges } from '../transactions/graph.ts';
import type { Limits } from '../transactions/limits.ts';
import { newSearch, shortestCycle } from '../transactions/shortest-cycle.ts';
import { causalEdges, topologicalOrder } from './base.ts';
import type { CausalBase } from './base.ts';

/** `other` must be ordered before `from`, because `reader` read from `from` although it already knew of `other`. */
export interface Passed {
  readonly edges: Edges;
  /** For each edge the micro-operation that demands it. */
  micro: Int32Array;
}

export function nothingPassed(limits: Limits): Passed {
  return {
    edges: noEdges(1024, limits),
    micro: new Int32Array(1024),
  };
}

export function pass(passed: Passed, other: number, from: number, micro: number): void {
  addEdge(passed.edges, other, from, WW);
  if (passed.micro.length < passed.edges.length) {
    const more = new Int32Array(passed.micro.length * 2);
    more.set(passed.micro);
    passed.micro = more;
  }
  passed.micro[passed.edges.length - 1] = micro;
}

/** One edge of a cycle, and the read that demands it when it is neither session order nor reads-from. */
export interface CausalStep {
  readonly from: number;
  readonly to: number;
  readonly label: number;
  readonly micro: number | undefined;
}

/**
 * Whether session order, reads-from and what reads passed over fit into one order of all transactions; if not, a
 * shortest cycle (of those through the edge kind asked for).
 */
export function orderCycle(
  base: CausalBase,
  passed: Passed | undefined,
  through: number,
  limits: Limits,
): CausalStep[] | undefined {
  const order = topologicalOrder(base, limits, passed?.edges);
  if (order.length === base.members.length) return undefined;
  const edges = causalEdges(base, limits);
  const first = edges.length;
  if (passed)
    for (let e = 0; e < passed.edges.length; e++)
      addEdge(edges, passed.edges.from[e] as number, passed.edges.to[e] as number, WW);
  const graph = graphOf(base.txns.length, edges, limits);
  const parts = components(graph, limits);
  const budget = { edges: 20_000_000 };
  const search = newSearch(base.txns.length);
  let best: ReturnType<typeof shortestCycle>['cycle'];
  for (let c = 0; c < parts.count; c++) {
    const members = parts.nodes.subarray(parts.start[c], parts.start[c + 1]);
    const { cycle } = shortestCycle(graph, parts.of, members, through, budget, search);
    if (cycle && (!best || cycle.length < best.length)) best = cycle;
    if (budget.edges <= 0 || best?.length === 2) break;
  }
  if (!best) throw new Error('a topological order is incomplete, yet there is no cycle: this is a bug');
  const { nodes, label } = best;
  return nodes.map((from, i): CausalStep => {
    const to = nodes[(i + 1) % nodes.length] as number;
    const e = label[i] === WW ? findEdge(edges, first, from, to) - first : -1;
    return { from, to, label: label[i] as number, micro: e >= 0 ? passed?.micro[e] : undefined };
  });
}

function findEdge(edges: Edges, first: number, from: number, to: number): number {
  for (let e = first; e < edges.length; e++) if (edges.from[e] === from && edges.to[e] === to) return e;
  return -1;
}

import { components } from './components.ts';
import type { Components } from './components.ts';
import { addEdge, graphOf, noEdges, RT, RW, SO, VIA, WR, WW } from './graph.ts';
import type { Edges } from './graph.ts';
import { FAMILIES } from './levels.ts';
import type { Class, Family, Forbidden } from './levels.ts';
import type { Limits } from './limits.ts';
import { newSearch, shortestCycle } from './shortest-cycle.ts';
import type { Budget, Cycle } from './shortest-cycle.ts';

/**
 * # Which cycles there are
 *
 * A history keeps a level when the graph of who-must-precede-whom has no cycle of a forbidden shape:
 *
 * ```
 *   G0                ww ww …                        a transaction's writes interleave with another's
 *   G1c               ww wr …                        information flows in a circle
 *   G-single          ww wr … and one rw             read skew, lost update: one transaction saw half of another
 *   G-nonadjacent     several rw, no two in a row    long fork: two readers disagree about which write was first
 *   G2                anything                       write skew and the rest
 * ```
 *
 * Snapshot isolation forbids cycles without two rw in a row, which is no property of a subgraph. But give every
 * transaction two nodes, its start (when it read) and its commit (when its writes appeared): then ww and wr lead
 * from a commit to a start, rw from a start to a commit, and two rw in a row are simply no path. So each
 * class is one linear search for components (Cerone & Gotsman 2018 prove the characterisation).
 *
 * `-process` and `-realtime` variants need an edge of the session's order or of real time to close.
 */
export interface CycleAnomaly extends Forbidden {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** One edge of a cycle, between transactions. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly label: number;
}

/** The graph of a history: transactions are nodes below `transactions`, then junctions. */
export interface Dependencies {
  readonly transactions: number;
  /** Junctions from here on belong to real time; those before gather anti-dependencies. */
  readonly firstRealTimeJunction: number;
  readonly nodes: number;
  readonly edges: Edges;
}

export interface CycleReport {
  readonly anomalies: readonly CycleAnomaly[];
  /** For each class whether it has a cycle; undefined where the budget ran out before anyone could tell. */
  readonly exists: ReadonlyMap<`${Family} ${Class}`, boolean | undefined>;
  /** Transactions in an order that breaks no edge, when there is no cycle at all. */
  readonly order: Int32Array | undefined;
  /** Transactions in the largest component, and how many components there are. */
  readonly largest: number;
  readonly count: number;
}

const FAMILY_LABELS: Readonly<Record<Family, number>> = { data: 0, process: SO, realtime: SO | RT };
/** How many cycles of one kind are worth naming. */
const NAMED = 4;
/** How many edges may be looked at to name cycles that are known to be there. */
const NAMING_EDGES = 30_000_000;

export function findCycles(dependencies: Dependencies, limits: Limits): CycleReport {
  const { edges, nodes, transactions } = dependencies;
  const budget = { edges: NAMING_EDGES };
  const all = components(graphOf(nodes, edges, limits), limits);
  const exists = new Map<`${Family} ${Class}`, boolean | undefined>();
  if (all.count === 0) {
    const order = all.order.filter((v) => v < transactions).toReversed();
    return { anomalies: [], exists, order, largest: 0, count: 0 };
  }
  const cyclic = restrict(dependencies, all, limits);
  const anomalies: CycleAnomaly[] = [];
  for (const family of FAMILIES) anomalies.push(...inFamily(cyclic, family, exists, budget, limits));
  return { anomalies, exists, order: undefined, ...sizes(all, transactions) };
}

function sizes(all: Components, transactions: number): { largest: number; count: number } {
  let largest = 0;
  for (let c = 0; c < all.count; c++) {
    const members = all.nodes.subarray(all.start[c], all.start[c + 1]).filter((v) => v < transactions);
    largest = Math.max(largest, members.length);
  }
  return { largest, count: all.count };
}

/** What is on no cycle of the whole graph is on none of a part of it: keep the rest, renumbered. */
interface Cyclic extends Dependencies {
  readonly original: Int32Array;
}

function restrict(dependencies: Dependencies, all: Components, limits: Limits): Cyclic {
  const { edges, transactions, firstRealTimeJunction } = dependencies;
  const original = all.nodes.toSorted();
  const renumbered = new Int32Array(dependencies.nodes).fill(-1);
  for (let i = 0; i < original.length; i++) renumbered[original[i] as number] = i;
  const kept = noEdges(original.length * 4 + 16, limits);
  for (let e = 0; e < edges.length; e++) {
    const from = edges.from[e] as number;
    const to = edges.to[e] as number;
    if (all.of[from] === -1 || all.of[from] !== all.of[to]) continue;
    addEdge(kept, renumbered[from] as number, renumbered[to] as number, edges.label[e] as number);
  }
  const below = (limit: number): number => original.reduce((sum, v) => sum + (v < limit ? 1 : 0), 0);
  return {
    transactions: below(transactions),
    firstRealTimeJunction: below(firstRealTimeJunction),
    nodes: original.length,
    edges: kept,
    original,
  };
}

function inFamily(
  cyclic: Cyclic,
  family: Family,
  exists: Map<`${Family} ${Class}`, boolean | undefined>,
  budget: Budget,
  limits: Limits,
): CycleAnomaly[] {
  const extra = FAMILY_LABELS[family];
  const weaker = FAMILIES.slice(0, FAMILIES.indexOf(family));
  const known = (kind: Class): boolean => weaker.some((other) => exists.get(`${other} ${kind}`) === true);
  const found: CycleAnomaly[] = [];
  const whole = (kind: Class, labels: number, through: number): void => {
    const looked = look(cyclic.edges, cyclic.nodes, labels | extra, through, budget, known(kind), limits);
    exists.set(`${family} ${kind}`, looked.exists);
    found.push(...looked.cycles.map((cycle) => nameCycle(stepsOf(cyclic, cycle, (v) => v))));
  };
  whole('dirty write', WW, WW);
  whole('dirty read', WW | WR, WR);
  const split = splitTransactions(cyclic, limits);
  const forks = look(split, cyclic.nodes * 2, (0xff & ~(SO | RT)) | extra, RW, budget, known('fork'), limits);
  exists.set(`${family} fork`, forks.exists);
  found.push(...forks.cycles.map((cycle) => nameCycle(stepsOf(cyclic, cycle, (v) => v >> 1))));
  exists.set(`${family} single`, singles(cyclic, family, exists, found, extra, budget, limits));
  whole('any', WW | WR | RW, RW);
  return distinct(found);
}

/** Components of the edges with these labels, and a shortest cycle of each. */
function look(
  edges: Edges,
  nodes: number,
  labels: number,
  through: number,
  budget: Budget,
  onlyWhether: boolean,
  limits: Limits,
): { exists: boolean; cycles: Cycle[] } {
  const graph = graphOf(nodes, edges, limits, labels | VIA);
  const parts = components(graph, limits);
  const cycles: Cycle[] = [];
  if (!onlyWhether) {
    const search = newSearch(nodes);
    // Even with nothing left every class that exists deserves one example.
    const own = { edges: Math.max(budget.edges, 2_000_000) };
    for (let c = 0; c < parts.count && cycles.length < NAMED; c++) {
      const members = parts.nodes.subarray(parts.start[c], parts.start[c + 1]);
      const { cycle } = shortestCycle(graph, parts.of, members, through, own, search);
      if (cycle) cycles.push(cycle);
    }
    budget.edges = Math.min(budget.edges, own.edges);
  }
  return { exists: parts.count > 0, cycles };
}

/**
 * Whether there is a cycle with exactly one rw. Below it lie the dirty classes, above it the forks; when
 * there is a fork and nobody has seen a single one yet, every rw edge has to be tried.
 */
function singles(
  cyclic: Cyclic,
  family: Family,
  exists: Map<`${Family} ${Class}`, boolean | undefined>,
  found: CycleAnomaly[],
  extra: number,
  budget: Budget,
  limits: Limits,
): boolean | undefined {
  if (exists.get(`${family} dirty read`)) return true;
  if (exists.get(`${family} fork`) === false) return false;
  if (FAMILIES.some((weaker) => exists.get(`${weaker} single`))) return true;
  if (found.some((anomaly) => anomaly.class === 'single')) return true;
  const forward = graphOf(cyclic.nodes, cyclic.edges, limits, (WW | WR | VIA | extra) & 0xff);
  const anti = graphOf(cyclic.nodes, cyclic.edges, limits, RW);
  const single = closeOne(forward, anti, cyclic, budget);
  if (single.cycle) found.push(nameCycle(single.cycle));
  return single.cycle ? true : single.whole ? false : undefined;
}

/** For each rw edge a → b, whether b leads back to a without another rw. */
function closeOne(
  forward: ReturnType<typeof graphOf>,
  anti: ReturnType<typeof graphOf>,
  cyclic: Cyclic,
  budget: Budget,
): { cycle: Step[] | undefined; whole: boolean } {
  const seen = new Int32Array(cyclic.nodes).fill(-1);
  const by = new Int32Array(cyclic.nodes);
  const label = new Uint8Array(cyclic.nodes);
  const queue = new Int32Array(cyclic.nodes);
  for (let a = 0; a < cyclic.transactions; a++) {
    for (let x = anti.start[a] as number; x < (anti.start[a + 1] as number); x++) {
      const b = anti.to[x] as number;
      if (budget.edges <= 0) return { cycle: undefined, whole: false };
      const mark = x;
      seen[b] = mark;
      let tail = 0;
      queue[tail++] = b;
      for (let headAt = 0; headAt < tail; headAt++) {
        const v = queue[headAt] as number;
        if (v === a) return { cycle: trace(cyclic, forward, a, b, by, label), whole: true };
        budget.edges -= (forward.start[v + 1] as number) - (forward.start[v] as number) + 1;
        for (let e = forward.start[v] as number; e < (forward.start[v + 1] as number); e++) {
          const w = forward.to[e] as number;
          if (seen[w] === mark) continue;
          seen[w] = mark;
          by[w] = v;
          label[w] = forward.label[e] as number;
          queue[tail++] = w;
        }
      }
    }
  }
  return { cycle: undefined, whole: true };
}

function trace(
  cyclic: Cyclic,
  forward: ReturnType<typeof graphOf>,
  a: number,
  b: number,
  by: Int32Array,
  label: Uint8Array,
): Step[] {
  const nodes: number[] = [];
  const labels: number[] = [];
  for (let v = a; v !== b; v = by[v] as number) {
    nodes.push(by[v] as number);
    labels.push(label[v] as number);
  }
  const cycle = {
    nodes: [a, ...nodes.toReversed()],
    label: [RW, ...labels.toReversed()],
    length: labels.length + 1,
  };
  return stepsOf(cyclic, cycle, (v) => v);
}

/** Node `2v` is when transaction `v` read (and stands for junctions whole), `2v + 1` when its writes appeared. */
function splitTransactions(
  cyclic: Pick<Dependencies, 'edges' | 'transactions' | 'firstRealTimeJunction'>,
  limits: Limits,
): Edges {
  const { edges, transactions, firstRealTimeJunction } = cyclic;
  const split = noEdges(edges.length + transactions + 16, limits);
  const isTransaction = (v: number): boolean => v < transactions;
  for (let v = 0; v < transactions; v++) addEdge(split, 2 * v, 2 * v + 1, VIA);
  for (let e = 0; e < edges.length; e++) {
    const from = edges.from[e] as number;
    const to = edges.to[e] as number;
    const label = edges.label[e] as number;
    const gathers = label === VIA && !isTransaction(from) && from < firstRealTimeJunction;
    const leaves = label === RW || !isTransaction(from) ? 2 * from : 2 * from + 1;
    const enters = isTransaction(to) && (label === RW || gathers) ? 2 * to + 1 : 2 * to;
    addEdge(split, leaves, enters, label);
  }
  return split;
}

/** The steps between transactions: what leads through junctions is one step. */
function stepsOf(cyclic: Cyclic, cycle: Cycle, transactionOf: (node: number) => number): Step[] {
  const steps: Step[] = [];
  const { nodes, label } = cycle;
  let first = 0;
  while (first < nodes.length && transactionOf(nodes[first] as number) >= cyclic.transactions) first++;
  let at = transactionOf(nodes[first] as number);
  let pending = 0;
  for (let i = 0; i < nodes.length; i++) {
    const here = (first + i) % nodes.length;
    const next = transactionOf(nodes[(here + 1) % nodes.length] as number);
    if (label[here] !== VIA) pending = label[here] as number;
    if (next >= cyclic.transactions || next === at) continue;
    steps.push({ from: cyclic.original[at] as number, to: cyclic.original[next] as number, label: pending });
    at = next;
  }
  return startAtSmallest(steps);
}

function startAtSmallest(steps: Step[]): Step[] {
  const smallest = Math.min(...steps.map((step) => step.from));
  const at = steps.findIndex((step) => step.from === smallest);
  return [...steps.slice(at), ...steps.slice(0, at)];
}

/** A cycle's name follows from its edges alone. */
export function nameCycle(steps: readonly Step[]): CycleAnomaly {
  const labels = steps.map((step) => step.label);
  const antis = labels.filter((label) => label === RW).length;
  const adjacent = labels.some((label, i) => label === RW && labels[(i + 1) % labels.length] === RW);
  const [name, kind]: [string, Class] =
    antis === 0
      ? labels.includes(WR)
        ? ['G1c', 'dirty read']
        : ['G0', 'dirty write']
      : antis === 1
        ? ['G-single-item', 'single']
        : adjacent
          ? ['G2-item', 'any']
          : ['G-nonadjacent-item', 'fork'];
  const family: Family = labels.includes(RT) ? 'realtime' : labels.includes(SO) ? 'process' : 'data';
  return { name: family === 'data' ? name : `${name}-${family}`, family, class: kind, steps };
}

function distinct(found: readonly CycleAnomaly[]): CycleAnomaly[] {
  const named = new Map(found.map((anomaly) => [JSON.stringify(anomaly.steps), anomaly]));
  return [...named.values()];
}

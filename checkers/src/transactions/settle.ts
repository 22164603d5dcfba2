import { components } from './components.ts';
import { INITIAL, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { splitTransactions } from './cycles.ts';
import { addEdge, graphOf, noEdges, RT, RW, SO, VIA } from './graph.ts';
import type { Edges, Graph } from './graph.ts';
import { addRealTimeEdges, addSessionEdges } from './order-edges.ts';
import { saturate } from './saturate.ts';
import { unlimited } from './limits.ts';
import { solvePolygraph } from './polygraph.ts';
import type { Choice } from './polygraph.ts';
import { OWN } from './register-reads.ts';
import type { RegisterReads } from './register-reads.ts';
import { addChainEdges, certainEdges } from './register-versions.ts';
import type { RegisterVersions } from './register-versions.ts';
import type { Writers } from './writers.ts';
import { addZoneEdges } from './zones.ts';
import type { Family } from './levels.ts';

/**
 * # Settling the order of versions
 *
 * A history of registers is serializable when its chains of versions can be ordered, key by key, so that no cycle
 * arises. There are far too many pairs of chains to reason about them all, and nearly all of them do not matter. So:
 *
 * 1. begin with a guess, from running the transactions (see {@link schedule});
 * 2. look for cycles. None: proven, and here is the order;
 * 3. take the transactions of each cycle's component, with only the pairs of chains among them: a small polygraph.
 *    If it has no solution, neither has the whole: refuted, by these transactions;
 * 4. otherwise put the chains in the order of its solution, and look again. A component that comes back has grown.
 *
 * Snapshot isolation is the same with two nodes a transaction; see {@link splitTransactions}.
 */
export type Settled =
  | { readonly holds: true; readonly order: Int32Array | undefined }
  | { readonly holds: false; readonly core: readonly number[] }
  | { readonly holds: 'unknown'; readonly because: string };

export interface Problem {
  readonly txns: Transactions;
  readonly writers: Writers;
  readonly reads: RegisterReads;
  readonly versions: RegisterVersions;
  readonly family: Family;
  /** Two nodes a transaction. */
  readonly snapshot: boolean;
  readonly stop: () => boolean;
  /** Where each transaction stands in the first guess. */
  readonly position: Int32Array;
}

/** Pairs of chains that one polygraph may ask about. */
const CHOICES_MAX = 400_000;
const ROUNDS_MAX = 60;
const SATURATION_ROUNDS = 2;
/** Up to this many transactions a wrong guess is mended in one piece rather than region by region. */
const ONE_REGION_MAX = 40_000;

/** A problem with what every step of its solution needs. */
export interface Prepared extends Problem {
  readonly edges: Edges;
  readonly nodes: number;
  /** How many of the edges are certain; those after them are guesses. */
  readonly count: number;
  readonly forward: Graph;
  readonly backward: () => Graph;
  /** Junctions from here on belong to real time. */
  readonly gathered: number;
}

/** `derive` adds what follows from others' reads; a counterexample must stand without. */
export function prepare(problem: Problem, derive = true): Prepared {
  const { txns, writers, reads, versions, family } = problem;
  const { edges, nodes: gathered } = certainEdges(txns, writers, versions);
  if (family !== 'data') addSessionEdges(edges, txns, reads.happened);
  const nodes = family === 'realtime' ? addRealTimeEdges(edges, txns, reads.happened, gathered) : gathered;
  if (derive && family === 'realtime') addZoneEdges(edges, txns, writers, versions, unlimited());
  if (derive && family !== 'data' && !problem.snapshot)
    saturate(
      txns,
      writers,
      reads,
      versions,
      { edges, nodes, gathered },
      family === 'realtime',
      SATURATION_ROUNDS,
    );
  const count = edges.length;
  const forward = graphOf(nodes, edges);
  let reversed: Graph | undefined;
  return {
    ...problem,
    edges,
    nodes,
    count,
    forward,
    backward: () =>
      (reversed ??= graphOf(nodes, { length: count, from: edges.to, to: edges.from, label: edges.label })),
    gathered,
  };
}

/** `work` is how many nodes searches may visit before they give up. */
export function settle(prepared: Prepared, work: number): Settled {
  const { txns, writers, reads, versions, edges, nodes, gathered } = prepared;
  const chain = versions.chain.slice();
  const budget = { work };
  const pairs = pairsOf(versions);
  /** Which region each transaction belongs to; a region is mended as a whole from then on. */
  const region = new Int32Array(txns.length).fill(-1);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (prepared.stop())
      return { holds: 'unknown', because: 'out of time while mending the order of versions' };
    edges.length = prepared.count;
    sortChains(prepared, chain);
    addChainEdges(edges, writers, versions, chain);
    const events = prepared.snapshot
      ? splitTransactions({ edges, transactions: txns.length, firstRealTimeJunction: gathered })
      : edges;
    const parts = components(graphOf(prepared.snapshot ? 2 * nodes : nodes, events));
    if (parts.count === 0) {
      const order = prepared.snapshot
        ? undefined
        : parts.order.filter((v) => v < txns.length && reads.happened[v] === 1);
      return { holds: true, order: order?.toReversed() };
    }
    // With times the guess is nearly right everywhere; without, mistakes are wide, and the whole is mended at once.
    const small = txns.length <= ONE_REGION_MAX && pairs <= CHOICES_MAX;
    const everyone = small && round >= (txns.timed ? 4 : 1) ? [allOf(reads)] : undefined;
    if (!everyone && (txns.timed || !small) && round % 8 !== 7) {
      const windowed = mendWindows(prepared, parts, budget);
      if (windowed) return windowed;
      continue;
    }
    for (const members of everyone ?? regionsOf(prepared, parts, region)) {
      const mended = mend(prepared, members, budget);
      if (mended !== undefined) return mended;
    }
  }
  return {
    holds: 'unknown',
    because: `the order of versions was still cyclic after ${ROUNDS_MAX} rounds of mending`,
  };
}

/** How many pairs of chains share a key. */
export function pairsOf({ keyStart }: RegisterVersions): number {
  let pairs = 0;
  for (let k = 0; k + 1 < keyStart.length; k++) {
    const chains = (keyStart[k + 1] as number) - (keyStart[k] as number);
    pairs += (chains * (chains - 1)) / 2;
  }
  return pairs;
}

function allOf({ happened }: RegisterReads): number[] {
  const members: number[] = [];
  for (let t = 0; t < happened.length; t++) if (happened[t]) members.push(t);
  return members;
}

/** Whether these transactions alone have a solution; `undefined` when that could not be found out. */
export function solveMembers(
  prepared: Prepared,
  members: readonly number[],
  conflicts: number,
): { readonly solved: boolean | undefined; readonly involved: readonly number[] } {
  const local = polygraphOf(prepared, members);
  if (local === undefined) return { solved: undefined, involved: [] };
  const result = solvePolygraph(local.polygraph, { conflicts, budget: { work: 2e7 }, stop: prepared.stop });
  if (result.solved !== false) return { solved: result.solved === true ? true : undefined, involved: [] };
  return { solved: false, involved: local.transactionsOf(result.involved) };
}

/** Sorts each key's chains by the position of the transaction that began them; the initial value's chain stays first. */
function sortChains({ txns, writers, versions, position }: Prepared, chain: Int32Array): void {
  const { keyStart, head, first } = versions;
  const rank = (c: number): number => position[writers.of[head[c] as number] as number] as number;
  for (let k = 0; k < txns.keys.length; k++) {
    const from = (keyStart[k] as number) + (first[k] === -1 ? 0 : 1);
    if ((keyStart[k + 1] as number) - from > 1)
      chain.subarray(from, keyStart[k + 1]).sort((a, b) => rank(a) - rank(b));
  }
}

/** Components joined with the regions they touch. */
function regionsOf(
  { txns, snapshot }: Prepared,
  parts: ReturnType<typeof components>,
  region: Int32Array,
): number[][] {
  const touched = new Set<number>();
  for (let c = 0; c < parts.count; c++) {
    const members = new Set<number>();
    for (let i = parts.start[c] as number; i < (parts.start[c + 1] as number); i++) {
      const node = parts.nodes[i] as number;
      const t = snapshot ? node >> 1 : node;
      if (t < txns.length) members.add(t);
    }
    const old = new Set<number>();
    let name = -1;
    for (const t of members) {
      if (region[t] !== -1) old.add(region[t] as number);
      name = Math.max(name, t);
    }
    if (old.size > 0)
      for (let t = 0; t < region.length; t++) if (old.has(region[t] as number)) members.add(t);
    for (const t of members) region[t] = name;
    for (const each of old) touched.delete(each);
    touched.add(name);
  }
  const regions = new Map<number, number[]>();
  for (let t = 0; t < region.length; t++) {
    if (!touched.has(region[t] as number)) continue;
    const members = regions.get(region[t] as number);
    if (members) members.push(t);
    else regions.set(region[t] as number, [t]);
  }
  return [...regions.values()];
}

/** Solves one region and moves its transactions accordingly; returns a verdict when that cannot be done. */
function mend(prepared: Prepared, members: readonly number[], budget: { work: number }): Settled | undefined {
  const local = polygraphOf(prepared, members);
  if (local === undefined)
    return {
      holds: 'unknown',
      because: `${members.length} transactions depend on each other in more than ${CHOICES_MAX} undecided ways`,
    };
  const result = solvePolygraph(local.polygraph, { conflicts: 50_000, budget, stop: prepared.stop });
  if (result.solved === 'unknown')
    return {
      holds: 'unknown',
      because: `no order of versions was found for ${members.length} transactions that depend on each other, nor proof that there is none (${result.conflicts} conflicts)`,
    };
  if (!result.solved) return { holds: false, core: local.transactionsOf(result.involved) };
  move(prepared, members, (t) => result.position[local.nodeOf(t)] as number);
  return undefined;
}

/** The members trade their positions among themselves. */
function move({ position }: Prepared, members: readonly number[], rank: (t: number) => number): void {
  const places = members.map((t) => position[t] as number).toSorted((a, b) => a - b);
  const sorted = members.toSorted((a, b) => rank(a) - rank(b));
  for (const [i, t] of sorted.entries()) position[t] = places[i] as number;
}

/** A window grows until it has a solution or more transactions than this. */
const WINDOW_MAX = 2000;

/**
 * Mends a long history piece by piece: all transactions between the first and the last of a component, with what comes
 * before and after them left as it is. A solution of such a window makes no new cycle anywhere else. A
 * window without one proves nothing, since its surroundings may be wrong: it grows. Returns only when time is up.
 */
function mendWindows(
  prepared: Prepared,
  parts: ReturnType<typeof components>,
  budget: { work: number },
): Settled | undefined {
  const { txns, position, snapshot, reads } = prepared;
  const at = new Int32Array(txns.length).fill(-1);
  let placed = 0;
  for (let t = 0; t < txns.length; t++)
    if (reads.happened[t]) {
      at[position[t] as number] = t;
      placed++;
    }
  let done = -1;
  for (const [first, last] of spans(parts, position, txns.length, snapshot)) {
    if (prepared.stop())
      return { holds: 'unknown', because: 'out of time while mending the order of versions' };
    let from = Math.max(0, first - 4);
    let to = Math.min(placed - 1, last + 4);
    if (from <= done) continue; // it was part of the window before
    for (; to - from < WINDOW_MAX;) {
      const members = Array.from(at.subarray(from, to + 1));
      const local = polygraphOf(prepared, members, { from, to });
      const result =
        local && solvePolygraph(local.polygraph, { conflicts: 2000, budget, stop: prepared.stop });
      if (local && result?.solved === true) {
        move(prepared, members, (t) => result.position[local.nodeOf(t)] as number);
        for (const t of members) at[position[t] as number] = t;
        break;
      }
      const more = to - from + 1;
      // A window without surroundings is the whole, and what it says is final.
      if (more === placed)
        return result?.solved === false
          ? { holds: false, core: local?.transactionsOf(result.involved) ?? [] }
          : undefined;
      from = Math.max(0, from - more);
      to = Math.min(placed - 1, to + more);
    }
    done = to;
  }
  return undefined;
}

/** The first and last position of each component, overlapping ones joined, in order. */
function spans(
  parts: ReturnType<typeof components>,
  position: Int32Array,
  transactions: number,
  snapshot: boolean,
): [number, number][] {
  const all: [number, number][] = [];
  for (let c = 0; c < parts.count; c++) {
    let first = Infinity;
    let last = -1;
    for (let i = parts.start[c] as number; i < (parts.start[c + 1] as number); i++) {
      const node = parts.nodes[i] as number;
      const t = snapshot ? node >> 1 : node;
      if (t >= transactions) continue;
      first = Math.min(first, position[t] as number);
      last = Math.max(last, position[t] as number);
    }
    if (last >= 0) all.push([first, last]);
  }
  const joined: [number, number][] = [];
  for (const [first, last] of all.toSorted(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 8) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** For each key the chains with versions written inside the region, and those versions in chain order. */
function chainsInside(
  txns: Transactions,
  versions: RegisterVersions,
  members: readonly number[],
): Map<number, Map<number, number[]>> {
  const byKey = new Map<number, Map<number, number[]>>();
  for (const t of members)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      if (txns.kind[m] !== WRITE) continue;
      const v = txns.value[m] as number;
      const c = versions.chainOf[v] as number;
      if (c < 0) continue;
      const k = txns.key[m] as number;
      let chains = byKey.get(k);
      if (!chains) byKey.set(k, (chains = new Map()));
      const inside = chains.get(c);
      if (inside) inside.push(v);
      else chains.set(c, [v]);
    }
  for (const chains of byKey.values())
    for (const [c, inside] of chains) {
      if (inside.length < 2) continue;
      const wanted = new Set(inside);
      const ordered: number[] = [];
      for (let v = versions.head[c] as number; v !== -1; v = versions.next[v] as number)
        if (wanted.has(v)) ordered.push(v);
      chains.set(c, ordered);
    }
  return byKey;
}

/** Positions from … to, whose surroundings stay as they are. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/** The region as a polygraph: certain edges among its nodes, and a choice for every two chains that share a key. */
function polygraphOf(prepared: Prepared, members: readonly number[], window?: Window) {
  const { txns, writers, reads, versions, snapshot, position } = prepared;
  const inside = new Map(members.map((t, i) => [t, i]));
  const local = localEdges(prepared, inside);
  const started = (t: number): number =>
    snapshot ? 2 * (inside.get(t) as number) : (inside.get(t) as number);
  const committed = (t: number): number => (snapshot ? started(t) + 1 : started(t));
  const pairs: number[] = [];
  const split = snapshot
    ? splitTransactions({
        edges: local.edges,
        transactions: members.length,
        firstRealTimeJunction: local.gathered,
      })
    : local.edges;
  for (let e = 0; e < split.length; e++) pairs.push(split.from[e] as number, split.to[e] as number);

  const readersInside = new Map<number, number[]>();
  const initialInside = new Map<number, number[]>();
  const readersOfEarlier = new Map<number, number[]>();
  for (const t of members)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const v = txns.value[m] as number;
      if (reads.source[m] === OWN) continue;
      if (v === INITIAL) note(initialInside, txns.key[m] as number, t);
      else note(readersInside, v, t);
      if (window && (v === INITIAL || !inside.has(writers.of[v] as number)))
        note(readersOfEarlier, txns.key[m] as number, t);
    }
  const writerOf = (v: number): number => writers.of[v] as number;
  const readBefore = (readers: readonly number[] | undefined, writer: number, into: number[]): void => {
    for (const r of readers ?? []) if (r !== writer) into.push(started(r), committed(writer));
  };
  /** Everything in chain `a` before everything in chain `b`. */
  const before = (a: readonly number[], b: readonly number[]): number[] => {
    const head = writerOf(b[0] as number);
    const edges = [committed(writerOf(a.at(-1) as number)), started(head)];
    readBefore(readersInside.get(a.at(-1) as number), head, edges);
    return edges;
  };
  const choices: Choice[] = [];
  for (const [k, chains] of chainsInside(txns, versions, members)) {
    const placeOf = (part: readonly number[]): number => position[writerOf(part[0] as number)] as number;
    const parts = [...chains].toSorted(([, a], [, b]) => placeOf(a) - placeOf(b));
    if (choices.length + (parts.length * (parts.length - 1)) / 2 > CHOICES_MAX) return undefined;
    const initial = initialInside.get(k);
    for (const [, versionsInside] of parts) {
      // What certain edges say through transactions that are not here.
      for (let i = 1; i < versionsInside.length; i++)
        pairs.push(...before([versionsInside[i - 1] as number], [versionsInside[i] as number]));
      if ((initial?.length ?? 0) * parts.length <= 256)
        readBefore(initial, writerOf(versionsInside[0] as number), pairs);
    }
    if (window) {
      for (const [, part] of parts) {
        // Who reads what was written before the window does so before anyone in it writes.
        for (const r of readersOfEarlier.get(k) ?? []) readBefore([r], writerOf(part[0] as number), pairs);
        // What is read after the window is written last.
        if (isReadAfter(prepared, part.at(-1) as number, window))
          for (const [, other] of parts) if (other !== part) pairs.push(...before(other, part));
      }
    }
    const fixed = versions.first[k] === -1 ? -1 : (versions.chainOf[versions.first[k] as number] as number);
    for (let i = 0; i < parts.length; i++)
      for (let j = i + 1; j < parts.length; j++) {
        const [a, first] = parts[i] as [number, number[]];
        const [, second] = parts[j] as [number, number[]];
        if (a === fixed) pairs.push(...before(first, second));
        else choices.push([before(first, second), before(second, first)]);
      }
  }
  const places = placesOf(local, members, position);
  return {
    polygraph: {
      nodes: snapshot ? 2 * local.nodes : local.nodes,
      certain: pairs,
      choices,
      position: snapshot ? doubled(places) : places,
    },
    nodeOf: started,
    transactionsOf: (nodes: ReadonlySet<number>): number[] => {
      const found = new Set<number>();
      for (const node of nodes) {
        const t = members[snapshot ? node >> 1 : node];
        if (t !== undefined) found.add(t);
      }
      return [...found];
    },
  };
}

function isReadAfter({ versions, position }: Prepared, v: number, window: Window): boolean {
  for (let r = versions.readersStart[v] as number; r < (versions.readersStart[v + 1] as number); r++)
    if ((position[versions.readers[r] as number] as number) > window.to) return true;
  return false;
}

function note(lists: Map<number, number[]>, name: number, entry: number): void {
  const known = lists.get(name);
  if (known) known.push(entry);
  else lists.set(name, [entry]);
}

interface LocalEdges {
  readonly edges: Edges;
  readonly nodes: number;
  readonly gathered: number;
  /** For each local junction what leads into it. */
  readonly into: ReadonlyMap<number, readonly number[]>;
}

/** Certain edges with both ends in the region, renumbered; a junction belongs to it when it leads from inside to inside. */
function localEdges(prepared: Prepared, inside: ReadonlyMap<number, number>): LocalEdges {
  const { forward, gathered, txns, family } = prepared;
  const kept = noEdges(1024);
  const into = new Map<number, number[]>();
  const outOf = new Map<number, number[]>();
  const back = prepared.backward();
  for (const [t, a] of inside) {
    for (let e = forward.start[t] as number; e < (forward.start[t + 1] as number); e++) {
      const to = forward.to[e] as number;
      const b = inside.get(to);
      if (to >= txns.length) note(into, to, t);
      else if (b !== undefined && forward.label[e] !== SO) addEdge(kept, a, b, forward.label[e] as number);
    }
    for (let e = back.start[t] as number; e < (back.start[t + 1] as number); e++)
      if ((back.to[e] as number) >= txns.length) note(outOf, back.to[e] as number, t);
  }
  if (family !== 'data') addLocalSessions(kept, txns, inside);
  let nodes = inside.size;
  const local = new Map<number, number>();
  const junctions = [...new Set([...into.keys(), ...outOf.keys()])].toSorted((a, b) => a - b);
  for (const junction of junctions)
    if (junction < gathered && into.has(junction) && outOf.has(junction)) local.set(junction, nodes++);
  const localGathered = nodes;
  // Those of real time are a chain: the ones that touch the region, linked in order.
  for (const junction of junctions) {
    if (junction < gathered) continue;
    if (nodes > localGathered) addEdge(kept, nodes - 1, nodes, VIA);
    local.set(junction, nodes++);
  }
  const intoLocal = new Map<number, number[]>();
  for (const [junction, name] of local) {
    const label = junction < gathered ? RW : RT;
    for (const t of into.get(junction) ?? []) {
      addEdge(kept, inside.get(t) as number, name, label);
      note(intoLocal, name, t);
    }
    for (const t of outOf.get(junction) ?? []) addEdge(kept, name, inside.get(t) as number, VIA);
  }
  return { edges: kept, nodes, gathered: localGathered, into: intoLocal };
}

/** Session order is transitive: between neighbours in the region, whoever is missing between them. */
function addLocalSessions(edges: Edges, txns: Transactions, inside: ReadonlyMap<number, number>): void {
  const last = new Map<number, number>();
  for (const t of [...inside.keys()].toSorted((a, b) => a - b)) {
    const session = txns.process[t] as number;
    const before = last.get(session);
    if (before !== undefined) addEdge(edges, inside.get(before) as number, inside.get(t) as number, SO);
    last.set(session, t);
  }
}

/** The guess as positions of the region's nodes; a junction comes right after the last that leads into it. */
function placesOf(local: LocalEdges, members: readonly number[], position: Int32Array): Int32Array {
  const rank = new Float64Array(local.nodes);
  for (const [i, t] of members.entries()) rank[i] = position[t] as number;
  for (let junction = members.length; junction < local.nodes; junction++) {
    let last = junction > local.gathered ? (rank[junction - 1] as number) : -1;
    for (const t of local.into.get(junction) ?? []) last = Math.max(last, (position[t] as number) + 0.5);
    rank[junction] = last;
  }
  const nodes = Array.from(rank, (_, v) => v).toSorted(
    (a, b) => (rank[a] as number) - (rank[b] as number) || a - b,
  );
  const places = new Int32Array(local.nodes);
  for (const [place, v] of nodes.entries()) places[v] = place;
  return places;
}

function doubled(places: Int32Array): Int32Array {
  return Int32Array.from({ length: places.length * 2 }, (_, v) => 2 * (places[v >> 1] as number) + (v & 1));
}

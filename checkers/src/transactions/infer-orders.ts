import { OPEN } from './columns.ts';
import { addEdge, graphOf, RW, WW } from './graph.ts';
import type { Graph } from './graph.ts';
import type { Dependencies } from './cycles.ts';
import { unlimited } from './limits.ts';
import type { RegisterKnowledge } from './register-knowledge.ts';
import { keyName, nameOf, valueName } from './words.ts';
import { zonesOf } from './zones.ts';

/** That one version of a key came before another, and why. */
export interface InferredOrder {
  readonly key: number;
  /** Chains of versions. */
  readonly first: number;
  readonly second: number;
  readonly why: string;
  /** Whether real time says so. */
  readonly inTime: boolean;
}

/**
 * Puts chains of versions in order where only one order is possible, and adds what follows to the dependencies: real time
 * says so, or the other order would close a circle. Repeats until nothing is new or something is impossible.
 * Cubic and worse: for counterexamples, of a few dozen transactions.
 */
export function inferOrders(
  known: RegisterKnowledge,
  dependencies: Dependencies,
  realTime: boolean,
): InferredOrder[] {
  const inferred = realTime ? ordersInTime(known) : [];
  for (const each of inferred) addOrder(known, dependencies, each.first, each.second);
  const open = pairsOf(known).filter(
    ([u, v]) =>
      !inferred.some(({ first, second }) => (first === u && second === v) || (first === v && second === u)),
  );
  for (let found = true; found;) {
    found = false;
    for (const [i, [u, v, key]] of open.entries()) {
      const graph = graphOf(dependencies.nodes, dependencies.edges, unlimited());
      const forward = !closesCircle(known, graph, u, v);
      const backward = !closesCircle(known, graph, v, u);
      if (forward && backward) continue;
      const [first, second] = forward || !backward ? [u, v] : [v, u];
      inferred.push({
        key,
        first,
        second,
        why: 'the other order would close a circle as well',
        inTime: false,
      });
      addOrder(known, dependencies, first, second);
      if (!forward && !backward) return inferred;
      open.splice(i, 1);
      found = true;
      break;
    }
  }
  return inferred;
}

/** Pairs of chains of one key that nothing orders yet. */
function pairsOf({ txns, versions }: RegisterKnowledge): [u: number, v: number, key: number][] {
  const pairs: [number, number, number][] = [];
  for (let key = 0; key < txns.keys.length; key++)
    for (let i = versions.keyStart[key] as number; i < (versions.keyStart[key + 1] as number); i++)
      for (let j = i + 1; j < (versions.keyStart[key + 1] as number); j++)
        pairs.push([versions.chain[i] as number, versions.chain[j] as number, key]);
  return pairs;
}

function ordersInTime(known: RegisterKnowledge): InferredOrder[] {
  const { txns, writers, versions } = known;
  const { ends, begins, endedBy, begunBy } = zonesOf(txns, writers, versions, unlimited());
  return pairsOf(known).flatMap(([a, b, key]) =>
    [
      [a, b],
      [b, a],
    ].flatMap(([first, second]): InferredOrder[] => {
      const u = first as number;
      const v = second as number;
      if (ends[u] === OPEN || (ends[u] as number) >= (begins[v] as number)) return [];
      const why = `${nameOf(txns, endedBy[u] as number)} had done with the one before ${nameOf(txns, begunBy[v] as number)} touched the other`;
      return [{ key, first: u, second: v, why, inTime: true }];
    }),
  );
}

/** Chain `u` before chain `v`: its last writer, and everyone who read what that wrote, before the first of `v`. */
function addOrder({ writers, versions }: RegisterKnowledge, { edges }: Dependencies, u: number, v: number) {
  const next = writers.of[versions.head[v] as number] as number;
  const last = versions.tail[u] as number;
  addEdge(edges, writers.of[last] as number, next, WW);
  for (const reader of readersOf(versions, last)) addEdge(edges, reader, next, RW);
}

function readersOf(versions: RegisterKnowledge['versions'], v: number): Int32Array {
  return versions.readers.subarray(versions.readersStart[v], versions.readersStart[v + 1]);
}

/** Whether some edge of "u before v" leads back to where it comes from. */
function closesCircle({ writers, versions }: RegisterKnowledge, graph: Graph, u: number, v: number): boolean {
  const next = writers.of[versions.head[v] as number] as number;
  const last = versions.tail[u] as number;
  const reached = reachedFrom(graph, next);
  return [writers.of[last] as number, ...readersOf(versions, last)].some((t) => t !== next && reached.has(t));
}

function reachedFrom(graph: Graph, from: number): ReadonlySet<number> {
  const reached = new Set([from]);
  for (const v of reached)
    for (let e = graph.start[v] as number; e < (graph.start[v + 1] as number); e++)
      reached.add(graph.to[e] as number);
  return reached;
}

/** `x: 1 came before 2, since …`. */
export function orderInWords(
  { txns, versions }: RegisterKnowledge,
  { key, first, second, why }: InferredOrder,
): string {
  const last = valueName(txns, versions.tail[first] as number);
  const next = valueName(txns, versions.head[second] as number);
  return `${keyName(txns, key)} held ${last} before ${next}: ${why}`;
}

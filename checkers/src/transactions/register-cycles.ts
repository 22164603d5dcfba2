import type { Anomaly } from '../checker.ts';
import { findCycles } from './cycles.ts';
import type { CycleAnomaly, CycleReport, Dependencies, Step } from './cycles.ts';
import { components } from './components.ts';
import { explainCycle, precedences, registerReason } from './explain.ts';
import { INITIAL } from './columns.ts';
import type { Transactions } from './columns.ts';
import { addEdge, graphOf, RT, SO, VIA, WR } from './graph.ts';
import type { Edges } from './graph.ts';
import { weakestForbidding } from './levels.ts';
import type { Family } from './levels.ts';
import type { Limits } from './limits.ts';
import { sourceOf } from './register-reads.ts';
import { addRealTimeEdges, addSessionEdges } from './order-edges.ts';
import type { RegisterKnowledge } from './register-knowledge.ts';
import { certainEdges } from './register-versions.ts';

/** Who must precede whom, whatever the order of versions that nobody knows. */
export function certainDependencies(
  { txns, writers, reads, versions }: RegisterKnowledge,
  family: Family,
  limits: Limits,
): Dependencies {
  const { edges, nodes: firstRealTimeJunction } = certainEdges(txns, writers, versions, limits);
  for (const m of reads.again)
    if (txns.value[m] !== INITIAL) addEdge(edges, sourceOf(txns, writers, m), transactionOf(txns, m), WR);
  if (family !== 'data') addSessionEdges(edges, txns, reads.happened, limits);
  const nodes =
    family === 'realtime'
      ? addRealTimeEdges(edges, txns, reads.happened, firstRealTimeJunction, limits)
      : firstRealTimeJunction;
  return { transactions: txns.length, firstRealTimeJunction, nodes, edges };
}

/** The transaction that a step belongs to. */
function transactionOf({ start, length }: Transactions, m: number): number {
  let low = 0;
  let high = length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((start[middle] as number) <= m) low = middle;
    else high = middle;
  }
  return low;
}

/** Information that flows in a circle: no order of versions matters to it. */
export function circularReads(dependencies: Dependencies, limits: Limits): CycleReport | undefined {
  const { nodes, edges } = dependencies;
  const mask = WR | SO | VIA | RT;
  if (components(graphOf(nodes, edges, limits, mask), limits).count === 0) return undefined;
  return findCycles({ ...dependencies, edges: only(edges, mask, limits) }, limits);
}

function only(edges: Edges, mask: number, limits: Limits): Edges {
  limits.hold(edges.from.length * 9);
  const kept = {
    length: 0,
    from: edges.from.slice(),
    to: edges.to.slice(),
    label: edges.label.slice(),
    limits,
  };
  for (let e = 0; e < edges.length; e++) {
    if (!((edges.label[e] as number) & mask)) continue;
    kept.from[kept.length] = edges.from[e] as number;
    kept.to[kept.length] = edges.to[e] as number;
    kept.label[kept.length++] = edges.label[e] as number;
  }
  return kept;
}

export function cycleAsAnomaly({ txns, writers }: RegisterKnowledge, cycle: CycleAnomaly): Anomaly {
  const reason = (step: Step): string => registerReason(txns, writers, step);
  return {
    kind: cycle.name,
    forbiddenBy: weakestForbidding(cycle),
    operations: cycle.steps.map((step) => txns.operation[step.from] as number),
    explanation: explainCycle(txns, cycle, reason),
    cycle: precedences(txns, cycle, reason),
  };
}

import type { Anomaly } from '../checker.ts';
import { findCycles } from './cycles.ts';
import type { Step } from './cycles.ts';
import { explainCycle, precedences, registerReason } from './explain.ts';
import { Findings } from './findings.ts';
import { inferOrders, orderInWords } from './infer-orders.ts';
import type { Level } from './levels.ts';
import { unlimited } from './limits.ts';
import type { Limits } from './limits.ts';
import { minimalCore } from './minimal-core.ts';
import type { Demand } from './minimal-core.ts';
import { partOf } from './part.ts';
import { certainDependencies } from './register-cycles.ts';
import { registerKnowledge } from './register-knowledge.ts';
import type { RegisterKnowledge } from './register-knowledge.ts';
import { describeAll, nameOf } from './words.ts';

/** More than this many transactions are not put in order pair by pair only to name them. */
const NAMED_MAX = 40;

/**
 * The transactions for which no order will do, as few as could be found, as an anomaly: by the name of its cycle where
 * each version of it has its certain place, and otherwise by what every order of versions breaks.
 */
export function refute(
  known: RegisterKnowledge,
  demand: Demand,
  core: readonly number[],
  level: Level,
  limits: Limits,
): Anomaly {
  const minimal = minimalCore(known, demand, core, limits);
  const members = (minimal.length > 0 ? minimal : core).toSorted((a, b) => a - b);
  const { txns } = known;
  return {
    operations: members.map((t) => txns.operation[t] as number),
    forbiddenBy: level,
    ...((members.length <= NAMED_MAX && named(known, demand, members)) ||
      unnamed(known, demand, members, level)),
  };
}

type Words = Pick<Anomaly, 'kind' | 'explanation' | 'inShort' | 'cycle'>;

/** By the cycle that is left when chains of versions are put in the only order that is possible. */
function named(known: RegisterKnowledge, demand: Demand, members: readonly number[]): Words | undefined {
  const { txns, writers } = known;
  const part = registerKnowledge(partOf(txns, writers, members), new Findings(), unlimited());
  const dependencies = certainDependencies(part, demand.family, unlimited());
  const inferred = inferOrders(part, dependencies, demand.family === 'realtime');
  const found = findCycles(dependencies, unlimited()).anomalies.find(
    (anomaly) => !demand.snapshot || anomaly.class !== 'any',
  );
  if (!found) return undefined;
  const original = (t: number): number => members[t] as number;
  const steps = found.steps.map((step) => ({ ...step, from: original(step.from), to: original(step.to) }));
  const reason = (step: Step): string => registerReason(txns, writers, step);
  const explained = explainCycle(txns, { ...found, steps }, reason);
  const orders = inferred.map((order) => `${orderInWords(part, order)}.`);
  // An order that is only there because others are impossible makes no cycle of a particular shape.
  const certain = inferred.every((order) => order.inTime) && !found.class.startsWith('dirty');
  return {
    kind: certain ? found.name : anyOrder(demand),
    explanation: [explained, ...orders].join(' '),
    ...(orders.length > 0 && {
      inShort: `Of ${steps.map(({ from }) => nameOf(txns, from)).join(', ')}, each would have to come before the next, and the last before the first.`,
    }),
    ...(orders.length === 0 && { cycle: precedences(txns, { ...found, steps }, reason) }),
  };
}

/** Every order of versions breaks the demand, each in its way. */
function anyOrder({ family, snapshot }: Demand): string {
  return `${snapshot ? 'G-SI' : 'G2-item'}${family === 'data' ? '' : `-${family}`}`;
}

function unnamed(
  { txns }: RegisterKnowledge,
  demand: Demand,
  members: readonly number[],
  level: Level,
): Words {
  const names = members.map((t) => nameOf(txns, t)).join(', ');
  const inShort = `However the writes of each key are ordered, some of ${names} would have to come before itself, so this is not ${level}.`;
  return { kind: anyOrder(demand), explanation: `${describeAll(txns, members)}. ${inShort}`, inShort };
}

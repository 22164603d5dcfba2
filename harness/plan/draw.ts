import { seeded } from '../random.ts';
import { againLine } from './again.ts';
import type { Phase, Plan, Requirements } from './plan.ts';
import { usualQuorum, type PlanRequest } from './request.ts';
import { runId } from './run-id.ts';
import { drawStrikes } from './strikes.ts';

/**
 * What is decided where nobody says otherwise.
 *
 * 300 operations a second keep several under way at once on a cluster that syncs every write, and a minute of them is
 * judged in a blink. The deadline is longer than most faults last, so that requests wait in the socket of a node that
 * is paused, and are answered by a node that does not know yet what it missed: that is where stale reads come from.
 */
const usual = {
  nodes: 3,
  clients: 20,
  rate: 300,
  ms: 60_000,
  finalSeconds: 20,
  deadlineMs: 3000,
  check: { seconds: 60, memoryBytes: 1 << 30 },
} as const;

/** Everything about a run follows from what was asked and the seed. Pure: the same request gives the same plan. */
export function drawPlan(request: PlanRequest): Plan {
  const { now, seed, system, workload, runtime, bug } = request;
  const {
    nodes = system.size ?? usual.nodes,
    rate = usual.rate,
    ms = usual.ms,
    quorum = usualQuorum,
  } = request;
  const random = seeded(seed).fork('plan');
  const strikes = drawStrikes(request.faults, ms, random.fork('strikes'), request.roles);
  return {
    format: 'labrys/plan@1',
    run: runId(now, system.name, workload.name, seed),
    seed,
    system: system.asked,
    options: request.options,
    ...(bug === undefined ? {} : { bug }),
    workload: { name: workload.asked ?? workload.name, options: workload.options },
    runtime,
    nodes: Array.from({ length: nodes }, (_, i) => `n${i + 1}`),
    clients: request.clients ?? usual.clients,
    phases: phases(rate, ms, strikes.length > 0, workload.final),
    quorum,
    strikes,
    requires: { ...requirements(rate, ms, strikes.length), ...request.requires },
    deadlineMs: request.deadlineMs ?? usual.deadlineMs,
    ...(request.stopsOnViolation && { stopsOnViolation: true }),
    check: { ...usual.check, ...request.check },
    again: againLine(request),
    versions: request.versions,
  };
}

function phases(rate: number | 'max', ms: number, faulty: boolean, final: boolean): readonly Phase[] {
  const main: Phase = {
    name: 'main',
    ...(rate === 'max' ? {} : { perSecond: rate }),
    seconds: ms / 1000,
    weather: faulty ? 'faulty' : 'healthy',
  };
  return final ? [main, { name: 'final', seconds: usual.finalSeconds, weather: 'healthy' }] : [main];
}

/** A tenth of what was asked for should have been answered, even by a cluster that was down for most of the time. */
function requirements(rate: number | 'max', ms: number, strikes: number): Requirements {
  const asked = rate === 'max' ? 1000 : (rate * ms) / 1000;
  return {
    okOperations: Math.max(10, Math.floor(asked / 10)),
    operationsDuringFaults: strikes === 0 ? 0 : Math.max(10, Math.floor(asked / 100)),
    faultsConfirmed: true,
  };
}

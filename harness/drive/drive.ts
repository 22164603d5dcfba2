import type { ClientBinding } from '../client.ts';
import { UsageError } from '../errors.ts';
import { readySeconds, untilAllReady } from './ready.ts';
import type { DriveRequest, DriveSummary } from './request.ts';
import { Run } from './run.ts';
import { within } from './within.ts';

/**
 * Drives a cluster through a plan.
 *
 * 1. Waits until every node is ready, and sets the system up.
 * 2. Main phase: clients ask what the workload's source says, while the plan's faults strike and heal.
 * 3. Heals what is still in force, the last first; restarts what is dead, waits until all are ready, and a second more.
 * 4. Final phase: what the workload wants to know in the end.
 *
 * Everything that it awaits is settled by `time`, the cluster, the clients or the signal, and it draws from the plan's
 * seed alone, so that the same code under simulated time leaves the same bytes.
 *
 * Rejects before the first operation: a node that is never ready, a workload that the system has no client for. After
 * that it returns, whatever happens, with the failure in the summary: a history is worth judging however it ended.
 */
export async function drive(request: DriveRequest): Promise<DriveSummary> {
  const binding = bindingOf(request);
  try {
    await begin(request);
  } catch (error) {
    if (request.signal.aborted) return nothing(request);
    throw error;
  }
  return await new Run(request, binding).drive();
}

function bindingOf({ system, workload }: DriveRequest): ClientBinding {
  const binding = system.clients.find((client) => client.workload === workload.name);
  if (binding) return binding;
  throw new UsageError(`${system.name} has no client for the workload ${workload.name}`, {
    hint: `It has one for: ${system.clients.map((client) => client.workload).join(', ')}.`,
  });
}

async function begin({ system, settings, time, cluster, signal, log }: DriveRequest): Promise<void> {
  await untilAllReady({ system, settings, time }, cluster.nodes, signal);
  await within(time, readySeconds(system) * 1000, signal, async (limit) => {
    await system.setup?.(cluster.nodes, { settings, time, signal: limit });
  });
  log({ message: 'every node is ready' });
}

/** Interrupted before anything was asked. */
function nothing({ plan }: DriveRequest): DriveSummary {
  const { length: planned } = plan.strikes;
  return {
    interrupted: true,
    operations: { invoked: 0, ok: 0, failed: 0, unknown: 0, shed: 0 },
    strikes: { planned, confirmed: 0, unconfirmed: 0, skipped: 0, missed: planned },
    crashes: [],
    loop: { p99Ms: 0, maxMs: 0, coarse: false },
    seconds: 0,
  };
}

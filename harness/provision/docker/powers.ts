import type Docker from 'dockerode';
import type { Agent } from '../agent.ts';
import type { Engine } from './engine.ts';
import { reasonOf } from './failure.ts';
import { hasAgent, withAgent } from './scratch.ts';

/** What an agent is given; less, to see what is said where an engine withholds some of it. */
type Given = Pick<Docker.HostConfig, 'CapAdd'>;

/** Why containers cannot be held as groups: tried with the agent's own. Only once there is an agent. */
export function whyNoGroups(engine: Engine, given?: Given): Promise<string | undefined> {
  return why(engine, 'SYS_ADMIN, to mount the control groups', given, async (agent, pid) => {
    await agent.ask('squeeze', pid, 0.5);
    await agent.ask('burn', pid, 20);
    await agent.ask('squeeze', pid, 0);
  });
}

/** Why what processes may have cannot be set, or they cannot be made to ask for more: tried with the agent's own. */
export function whyNoLimits(engine: Engine, given?: Given): Promise<string | undefined> {
  return why(
    engine,
    'SYS_PTRACE, to have a process ask for what it may not have',
    given,
    async (agent, pid) => {
      const [may = ''] = await agent.ask('tighten', pid, 'files', 100);
      await agent.ask('allow', pid, 'files', may);
      // Elsewhere the limit is read back, and that has to do.
      await agent.ask('request', pid, 'files', 1).catch((cause: unknown) => {
        if (!/only on x86-64/.test(reasonOf(cause))) throw cause;
      });
    },
  );
}

async function why(
  engine: Engine,
  needs: string,
  given: Given | undefined,
  attempt: (agent: Agent, pid: number) => Promise<void>,
): Promise<string | undefined> {
  if (!(await hasAgent(engine))) return undefined;
  try {
    await withAgent(
      engine,
      async ({ agent, container }) => attempt(agent, (await container.inspect()).State.Pid),
      given,
    );
    return undefined;
  } catch (cause) {
    return `${reasonOf(cause)}. The agent needs ${needs}`;
  }
}

import type Docker from 'dockerode';
import type { LocalAgent } from '../agent.ts';
import { tryShaper } from '../local-shaper.ts';
import type { ContainerAgent } from './agent.ts';
import { bring, startBeside } from './beside.ts';
import type { Engine } from './engine.ts';
import { reasonOf } from './failure.ts';
import type { Log } from './progress.ts';
import { hasAgent, withAgent } from './scratch.ts';

/**
 * A shaper beside a run's agent, on the engine's machine. It is brought there when something is first shaped, so that whoever
 * shapes nothing needs no compiler and waits for none.
 */
export async function startShaper(
  engine: Engine,
  held: Pick<ContainerAgent, 'container'>,
  log: Log,
  obtain?: Parameters<typeof bring>[4],
): Promise<Pick<LocalAgent, 'agent'> & AsyncDisposable> {
  await bring(engine, held, { name: 'shaper' }, log, obtain);
  return await startBeside(engine, held, 'the shaper', ['/shaper'], log);
}

/**
 * Why links of the engine's containers cannot be shaped; tried out in a scratch namespace. Before the first run there is no
 * agent to try it with, and whoever wants to know waits for that run.
 */
export async function whyNoShaper(
  engine: Engine,
  given?: Pick<Docker.HostConfig, 'CapAdd'>,
): Promise<string | undefined> {
  if (!(await hasAgent(engine))) return undefined;
  try {
    await withAgent(
      engine,
      async (held) => {
        const [door = ''] = await held.agent.ask('hold', 'scratch');
        await using shaper = await startShaper(engine, held, () => {});
        await tryShaper(shaper, door);
      },
      given,
    );
    return undefined;
  } catch (cause) {
    return reasonOf(cause);
  }
}

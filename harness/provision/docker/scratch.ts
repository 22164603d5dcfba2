import { agentImage, startAgent, type ContainerAgent } from './agent.ts';
import type { Engine } from './engine.ts';
import { idOf } from './obtain.ts';
import { removeRun } from './remove.ts';

/** Long enough for its image to be built again from layers that are there. */
const PATIENCE_MS = 60_000;

/** Whether there is an agent to be had without building its image from nothing. */
export async function hasAgent(engine: Engine): Promise<boolean> {
  return (await idOf(engine.docker, agentImage.image)) !== undefined;
}

/** An agent for a moment, under a run's id of its own. */
export async function withAgent<T>(
  engine: Engine,
  use: (held: ContainerAgent, run: string) => Promise<T>,
  more?: Parameters<typeof startAgent>[4],
): Promise<T> {
  const run = `scratch-${process.pid}-${++scratches}`;
  try {
    await using held = await startAgent(engine, run, () => {}, AbortSignal.timeout(PATIENCE_MS), more);
    return await use(held, run);
  } finally {
    await removeRun(engine.docker, run);
  }
}

let scratches = 0;

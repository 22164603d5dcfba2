import type { Leftover } from '../../runtime.ts';
import { type Agent, AgentRefusal } from '../agent.ts';
import { connect, type Engine } from './engine.ts';
import { removeDisks } from './disks.ts';
import { HARNESS, nameOf, RUN } from './labels.ts';
import { isAlive } from './owner.ts';
import { ignoreMissing, removeContainer } from './remove.ts';
import { hasAgent, withAgent } from './scratch.ts';

/** What runs have on the engine. Containers first: a network or a volume can only be removed once nobody uses it. */
export async function leftovers(): Promise<readonly Leftover[]> {
  const engine = await connect().catch(() => undefined);
  // Where no engine answers, nothing of ours runs in one.
  if (engine === undefined) return [];
  const { docker } = engine;
  const filters = { label: [RUN] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters: JSON.stringify(filters) }),
  ]);
  return [
    ...containers.map((container) => ({
      what: `container ${container.Names[0]?.slice(1) ?? container.Id.slice(0, 12)}`,
      ...ownerIn(container.Labels),
      remove: () => removeContainer(docker, container.Id),
    })),
    ...(await tables(engine)),
    ...networks.map((network) => ({
      what: `network ${network.Name}`,
      ...ownerIn(network.Labels ?? {}),
      remove: () => ignoreMissing(() => docker.getNetwork(network.Id).remove()),
    })),
    ...(volumes ?? []).map((volume) => ({
      what: `volume ${volume.Name}`,
      ...ownerIn(volume.Labels ?? {}),
      remove: () => removeDisks(engine, volume.Name),
    })),
  ];
}

function ownerIn(labels: Readonly<Record<string, string>>): { run: string; inUse: boolean } {
  return { run: labels[RUN] ?? '', inUse: isAlive(labels[HARNESS]) };
}

/** An agent deletes its table when its harness goes. A table without one is left only where the agent was killed too. */
async function tables(engine: Engine): Promise<Leftover[]> {
  // Without the agent's image, nothing here has ever made a table.
  if (!(await hasAgent(engine))) return [];
  const words = await withAgent(engine, ({ agent }) => agent.ask('tables').catch(nothing));
  const found = Array.from({ length: words.length / 2 }, (_, i) => words.slice(2 * i, 2 * i + 2));
  return found.map(([name = '', owner]) => ({
    what: `packet filter table ${name}`,
    run: name.slice(nameOf('').length),
    inUse: isAlive(owner),
    remove: () => withAgent(engine, ({ agent }) => deleteTable(agent, name)),
  }));
}

/** No packet filter, no tables. */
function nothing(cause: unknown): string[] {
  if (cause instanceof AgentRefusal) return [];
  throw cause;
}

/** Added first, so that deleting what is gone already is no error. */
async function deleteTable(agent: Agent, name: string): Promise<void> {
  await agent.ask('nft', `add table bridge ${name}; delete table bridge ${name}`);
}

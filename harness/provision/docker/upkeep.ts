import type { Diagnosis, Leftover, Upkeep } from '../../runtime.ts';
import { agentImage, startAgent } from './agent.ts';
import { idOf } from './obtain.ts';
import { emptyTable } from './cuts.ts';
import { connect, type Engine } from './engine.ts';
import { reasonOf } from './failure.ts';
import { HARNESS, nameOf, RUN } from './labels.ts';
import { isAlive } from './owner.ts';
import { ignoreMissing, removeContainer, removeRun } from './remove.ts';

/** What runs leave on an engine, and what it can do. */
export const dockerUpkeep: Upkeep = { leftovers, diagnose };

/** Containers first: a network can only be removed once nothing is on it. */
async function leftovers(): Promise<readonly Leftover[]> {
  const engine = await connect().catch(() => undefined);
  // Where no engine answers, nothing of ours runs in one.
  if (engine === undefined) return [];
  const { docker } = engine;
  const filters = { label: [RUN] };
  const [containers, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
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
  ];
}

function ownerIn(labels: Readonly<Record<string, string>>): { run: string; inUse: boolean } {
  return { run: labels[RUN] ?? '', inUse: isAlive(labels[HARNESS]) };
}

/** An agent deletes its table when its harness goes. A table without one is left only where the agent was killed too. */
async function tables(engine: Engine): Promise<Leftover[]> {
  // Without the agent's image, nothing here has ever made a table.
  if ((await idOf(engine.docker, agentImage.image)) === undefined) return [];
  const words = await withScratchAgent(engine, (ask) => ask('tables'));
  const found = Array.from({ length: words.length / 2 }, (_, i) => words.slice(2 * i, 2 * i + 2));
  return found.map(([name = '', owner]) => ({
    what: `packet filter table ${name}`,
    run: name.slice(nameOf('').length),
    inUse: isAlive(owner),
    remove: () =>
      withScratchAgent(
        engine,
        async (ask) => void (await ask('nft', `add table bridge ${name}; delete table bridge ${name}`)),
      ),
  }));
}

async function withScratchAgent<T>(
  engine: Engine,
  use: (ask: (command: string, ...words: string[]) => Promise<string[]>) => Promise<T>,
): Promise<T> {
  const run = `scratch-${process.pid}-${scratches++}`;
  const signal = AbortSignal.timeout(60_000);
  try {
    await using held = await startAgent(engine, run, () => {}, signal);
    return await use((command, ...words) => held.agent.ask(command, ...words));
  } finally {
    await removeRun(engine.docker, run);
  }
}

let scratches = 0;

async function diagnose(): Promise<readonly Diagnosis[]> {
  let engine: Engine;
  try {
    engine = await connect();
  } catch (cause) {
    const { message, hint } = cause as { message: string; hint?: string };
    return [
      { what: 'docker engine', works: false, detail: hint === undefined ? message : `${message}; ${hint}` },
    ];
  }
  const { ServerVersion, NCPU, MemTotal } = (await engine.docker.info()) as Record<string, string | number>;
  const detail = `${ServerVersion} at ${engine.where}, ${NCPU} CPUs, ${Math.round(Number(MemTotal) / 2 ** 30)} GiB`;
  return [{ what: 'docker engine', works: true, detail }, await diagnoseCuts(engine)];
}

async function diagnoseCuts(engine: Engine): Promise<Diagnosis> {
  const what = 'cuts between containers';
  try {
    if ((await idOf(engine.docker, agentImage.image)) === undefined)
      return {
        what,
        works: true,
        detail: 'not tried: the first run builds the agent’s image, in about half a minute',
      };
    await withScratchAgent(engine, (ask) => {
      const table = nameOf(`scratch-${process.pid}-try`);
      return ask('nft', `${emptyTable(table)}; delete table bridge ${table}`);
    });
    return { what, works: true, detail: 'nftables on the bridge, by one agent container a run' };
  } catch (cause) {
    return { what, works: false, detail: reasonOf(cause) };
  }
}

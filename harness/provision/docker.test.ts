import { execFileSync } from 'node:child_process';
import { describe } from 'vitest';
import { runtimeConformance } from './conformance.ts';
import { dockerRuntime } from './docker.ts';
import type { Engine } from './docker/engine.ts';
import { findGround } from './docker/ground.ts';
import { NeighbourNetwork } from './docker/neighbour-network.ts';
import type { Runtime } from '../runtime.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`docker${unless}`, () => {
  const recipe = { image: 'debian:bookworm-slim' };
  runtimeConformance('docker', () => dockerRuntime(), { recipe, inventory });
  runtimeConformance('docker, cutting in neighbour tables', withoutFilter, {
    recipe,
    inventory,
    skip: [
      {
        reason: 'without a packet filter on bridges, clients cannot be cut off',
        tests: ['clients are cut off from one node, or hear nothing of it, and no other link suffers'],
      },
    ],
  });
});

/** As on an engine whose kernel has no packet filter on bridges. */
function withoutFilter(): Runtime {
  return dockerRuntime({ open: (agent, _run, places) => NeighbourNetwork.open(agent, places) });
}

/** What this process's runs have on the engine, and all volumes, which nobody makes on purpose. */
async function inventory(): Promise<string[]> {
  const { docker } = engine as Engine; // Or every test is skipped.
  const mine = new RegExp(`^/?labrys-conformance-${process.pid}-`);
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names).filter((name) => mine.test(name)),
    ...networks.map(({ Name }) => Name).filter((name) => mine.test(name)),
    ...filterTables().filter((name) => mine.test(name)),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
  ].toSorted();
}

/** Seen from outside where this machine is the engine's and lets us look; elsewhere the agent's word must do. */
function filterTables(): string[] {
  try {
    const listed = execFileSync('nft', ['list', 'tables', 'bridge'], { encoding: 'utf8', stdio: 'pipe' });
    return [...listed.matchAll(/^table bridge (\S+)$/gm)].map(([, name = '']) => name);
  } catch {
    return [];
  }
}

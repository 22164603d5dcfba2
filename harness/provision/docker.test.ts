import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { runtimeConformance } from './conformance.ts';
import { dockerRuntime } from './docker.ts';
import { connect, type Engine } from './docker/engine.ts';

const engine = await connect().catch((error: Error) => error);

if (engine instanceof Error) {
  describe('runtime docker', () =>
    test.skip('everything (skipped: no docker engine answers)', () => undefined));
} else {
  runtimeConformance('docker', dockerRuntime, {
    recipe: { image: 'debian:bookworm-slim' },
    inventory: () => inventory(engine),
  });
}

/** What this process's runs have on the engine, and all volumes, which nobody makes on purpose. */
async function inventory({ docker }: Engine): Promise<string[]> {
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

import { EnvironmentError } from '../errors.ts';
import type { Runtime, RuntimeName, Upkeep } from '../runtime.ts';
import type { Settings, Simulation, System } from '../system.ts';

/** The runtimes, each loaded when it is first needed: dockerode alone costs 300 ms. */
export async function runtimeFor(name: RuntimeName): Promise<Runtime> {
  switch (name) {
    case 'local':
      return (await import('../provision/local.ts')).localRuntime();
    case 'docker':
      return (await import('../provision/docker.ts')).dockerRuntime();
    case 'ssh':
    case 'sim':
      throw new EnvironmentError(`the runtime ${name} cannot be started this way`);
  }
}

export function simulationOf(system: System, seed: number, settings: Settings): Simulation {
  if (system.simulation === undefined)
    throw new EnvironmentError(`${system.name} cannot be simulated: its nodes are not written on the kit`, {
      hint: 'Use --runtime local or --runtime docker.',
    });
  return system.simulation(seed, settings);
}

export async function upkeep(): Promise<readonly { readonly name: string; readonly keep: Upkeep }[]> {
  return [
    { name: 'local', keep: (await import('../provision/local.ts')).localUpkeep },
    { name: 'docker', keep: (await import('../provision/docker.ts')).dockerUpkeep },
  ];
}

import { EnvironmentError } from '../errors.ts';
import type { SshConfig } from '../config.ts';
import type { Runtime, RuntimeName, Upkeep } from '../runtime.ts';
import type { Settings, Simulation, System } from '../system.ts';
import { realTime } from '../time-real.ts';

/** Where a run takes place: a runtime with the clock that holds there. In the simulation, time passes only while it runs. */
export type World = Simulation;

/** Each runtime is loaded when it is first needed: dockerode alone costs 300 ms. */
export async function worldFor(
  system: System,
  seed: number,
  settings: Settings,
  ssh: SshConfig = { hosts: [] },
): Promise<World> {
  if (settings.runtime !== 'sim') {
    return { runtime: await runtimeFor(settings.runtime, ssh), time: realTime(), run: (main) => main() };
  }
  if (system.simulation === undefined)
    throw new EnvironmentError(`${system.name} cannot be simulated: its nodes are not written on the kit`, {
      hint: 'Use --runtime local or --runtime docker.',
    });
  return system.simulation(seed, settings);
}

async function runtimeFor(name: Exclude<RuntimeName, 'sim'>, ssh: SshConfig): Promise<Runtime> {
  switch (name) {
    case 'local':
      return (await import('../provision/local.ts')).localRuntime();
    case 'docker':
      return (await import('../provision/docker.ts')).dockerRuntime();
    case 'ssh':
      return (await import('../provision/ssh.ts')).sshRuntime(ssh);
  }
}

/** All that are there, for what they say of themselves. */
export async function runtimes(): Promise<readonly Runtime[]> {
  const { simulate } = await import('../../docker/kit/sim/runtime.ts');
  const { runtime: sim } = simulate(0, () => {
    throw new Error('nobody starts nodes here');
  });
  const nowhere = { hosts: [] };
  const real = (['local', 'docker', 'ssh'] as const).map((name) => runtimeFor(name, nowhere));
  return [...(await Promise.all(real)), sim];
}

/** @param ssh the machines that the configuration lists. */
export async function upkeep(
  ssh?: SshConfig,
): Promise<readonly { readonly name: string; readonly keep: Upkeep }[]> {
  return [
    { name: 'local', keep: (await import('../provision/local.ts')).localUpkeep },
    { name: 'docker', keep: (await import('../provision/docker.ts')).dockerUpkeep },
    { name: 'ssh', keep: (await import('../provision/ssh.ts')).sshUpkeep(ssh) },
  ];
}

import type Docker from 'dockerode';
import { EnvironmentError } from '../../errors.ts';
import type { NodeDisk } from '../../runtime.ts';
import { layDisk, OWN } from '../disk/node-disk.ts';
import type { ContainerAgent } from './agent.ts';
import { bring, startBeside, type NativeProgram } from './beside.ts';
import type { Engine } from './engine.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { labelsOf, nameOf } from './labels.ts';
import type { Log } from './progress.ts';
import { ignoreMissing } from './remove.ts';
import { hasAgent, withAgent } from './scratch.ts';

const labfs: NativeProgram = {
  name: 'labfs',
  flags: ['-D_FILE_OFFSET_BITS=64', '-pthread'],
  libraries: ['-lfuse3'],
};

/**
 * The disks of a run's nodes, which can be made to fail.
 *
 *     volume labrys-RUN, on the engine's machine, shared with the agent
 *       below/n1       what is durable
 *       at/n1          our file system over it, mounted by the agent; the engine's machine sees it too
 *         data         bound into n1's container, in every life of it
 *
 * A node sees a folder like any other, and its container may do no more than usual. The mounts end with the agent, and so, however
 * it dies, with the harness; where the agent was killed as well, whoever removes the volume unmounts them.
 */
export interface RunDisks {
  /** The volume's folder on the engine's machine. */
  readonly folder: string;
}

/** Where the agent has it. */
const IN_AGENT = '/disks';

/** Make a run's volume. Nothing is mounted in it yet. */
export async function createDisks({ docker }: Engine, run: string): Promise<RunDisks> {
  const name = nameOf(run);
  try {
    await docker.createVolume({ Name: name, Labels: labelsOf(run) });
    return { folder: (await docker.getVolume(name).inspect()).Mountpoint };
  } catch (cause) {
    throw dockerFailed(`cannot create volume ${name}`, cause);
  }
}

/** What the agent needs of a run's disks. */
export const forAgent = ({ folder }: RunDisks): Docker.HostConfig => ({
  Binds: [`${folder}:${IN_AGENT}:rshared`],
  Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }],
});

/** What a node's container binds. */
export const bindFor = ({ folder }: RunDisks, node: string, to: string): string =>
  `${folder}/at/${node}/${OWN}:${to}`;

/** Mounts a disk for each node, through the agent. They end when disposed. */
export async function mountDisks(
  engine: Engine,
  held: ContainerAgent,
  nodes: readonly string[],
  log: Log,
): Promise<{ readonly disks: ReadonlyMap<string, NodeDisk> } & AsyncDisposable> {
  await using made = new AsyncDisposableStack();
  await bring(engine, held, labfs, log);
  const disks = new Map<string, NodeDisk>();
  for (const node of nodes) {
    const [below, at] = [`${IN_AGENT}/below/${node}`, `${IN_AGENT}/at/${node}`];
    await held.agent.ask('folders', below, at);
    const mounted = made.use(
      await startBeside(engine, held, `the disk of ${node}`, ['/labfs', below, at], log),
    );
    try {
      // It answers once it is mounted.
      await mounted.agent.ask('trouble', 'read', '-', 0, 0);
    } catch (cause) {
      throw new EnvironmentError(`no disk that can fail for ${node}: ${reasonOf(cause)}`, {
        hint: 'It needs FUSE on the engine’s machine: /dev/fuse, and a kernel that has it (`modprobe fuse`).',
        cause,
      });
    }
    const tries = made.use(
      await startBeside(
        engine,
        held,
        `what tries out the disk of ${node}`,
        ['perl', '/disk/disk.pl', at],
        log,
      ),
    );
    disks.set(node, await layDisk(mounted.agent, tries.agent));
  }
  const kept = made.move();
  return { disks, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Remove a run's volume, and what is still mounted in it. Nobody may use it any more. */
export async function removeDisks(engine: Engine, name: string): Promise<void> {
  const volume = engine.docker.getVolume(name);
  await ignoreMissing(async () => {
    try {
      await volume.remove();
    } catch (cause) {
      if (!/not connected|busy|not empty/.test(reasonOf(cause))) throw cause;
      const { Mountpoint: folder } = await volume.inspect();
      // It unmounts whatever is there when it ends.
      await withAgent(engine, async () => {}, forAgent({ folder }));
      await volume.remove();
    }
  });
}

/** Why the engine's containers can have no disks that fail: tried out with one. As {@link whyNoShaper}, only once there is an agent. */
export async function whyNoDisks(
  engine: Engine,
  given: Pick<Docker.HostConfig, 'CapAdd'> = {},
): Promise<string | undefined> {
  if (!(await hasAgent(engine))) return undefined;
  const run = `disks-${process.pid}`;
  try {
    const disks = await createDisks(engine, run);
    await withAgent(
      engine,
      async (held) => {
        await using _mounted = await mountDisks(engine, held, ['scratch'], () => {});
      },
      { ...forAgent(disks), ...given },
    );
    return undefined;
  } catch (cause) {
    return reasonOf(cause);
  } finally {
    await removeDisks(engine, nameOf(run));
  }
}

import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import {
  CLIENTS,
  type Blueprint,
  type Capability,
  type Cluster,
  type Member,
  type Runtime,
} from '../runtime.ts';
import { startAgent } from './agent.ts';
import { stakeClaim } from './claim.ts';
import { whyNoClocks } from './clock/try.ts';
import { whyNoLabfs } from './disk/labfs.ts';
import { dataOn, diskFolders, localDisk, type LocalDisk } from './disk/node-disk.ts';
import { LocalNode } from './local-node.ts';
import type { Launcher } from './local-node.ts';
import { layNetwork, nodesMax } from './local-network.ts';
import type { Attachment } from './local-network.ts';
import { plainData } from './plain-data.ts';
import { insideNamespace } from './namespace.ts';
import { localShaper, whyNoShaper } from './local-shaper.ts';
import { ShapedLinks, withShaping } from './shaped-links.ts';

export { localUpkeep } from './local-upkeep.ts';

/** A program that ends sooner than this after the start of the cluster never worked. */
const proofOfLifeMs = 100;

/**
 * Nodes as processes of this machine, each in a network namespace of its own, all on one bridge. No daemon, no images,
 * and no root: see {@link enterNamespace}, which comes first.
 */
export function localRuntime(): Runtime {
  return {
    name: 'local',
    can: new Set<Capability>([
      'kill',
      'stop',
      'pause',
      'cut',
      'shape',
      'exec',
      'clock',
      'limit',
      'disk',
      'write',
    ]),
    through: {
      kill: 'SIGKILL to every process in its namespace',
      stop: 'SIGTERM, after a while SIGKILL',
      pause: 'SIGSTOP to every process in its namespace',
      cut: 'neighbour tables',
      shape: 'our shaper on NFQUEUE, built by a C compiler',
      clock: 'the vDSO of each of its processes',
      limit: 'prlimit of each of its processes',
      write: 'its data folder',
      disk: 'our file system on FUSE, built by a C compiler with libfuse3-dev',
    },
    lacks: async (capability) => await why[capability]?.(),
    provision,
  };
}

/** What may be missing here, tried out when a fault needs it. */
const why: { readonly [C in Capability]?: () => Promise<string | undefined> } = {
  shape: () => whyNoShaper(),
  clock: whyNoClocks,
  disk: () => whyNoLabfs(),
};

async function provision(blueprint: Blueprint, signal: AbortSignal): Promise<Cluster> {
  if (!insideNamespace()) {
    throw new EnvironmentError('the local runtime works inside its own namespaces, and this process is not', {
      hint: 'Start it as `labrys test --runtime local`, or `node harness/provision/inside.ts -- COMMAND`.',
    });
  }
  if (blueprint.nodes.length > nodesMax) throw new UsageError(`local has room for ${nodesMax} nodes`);
  const undo = new AsyncDisposableStack();
  try {
    const cluster = await bringUp(blueprint, signal, undo);
    return { ...cluster, [Symbol.asyncDispose]: () => undo.disposeAsync() };
  } catch (cause) {
    // What went wrong first is what anyone wants to know.
    await undo.disposeAsync().catch((error: unknown) => {
      blueprint.log({ message: 'clean-up failed', reason: String(error) });
    });
    throw cause;
  }
}

/** Whatever is made is put on the stack, so that it can be undone from any point on. */
async function bringUp(
  blueprint: Blueprint,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<Omit<Cluster, typeof Symbol.asyncDispose>> {
  const failing = blueprint.failingDisks === true;
  const folderOf = (name: string): string => resolve(blueprint.folder, 'nodes', name);
  const keptAt = (name: string): string => join(folderOf(name), 'data');
  const dataOf = failing ? (name: string): string => dataOn(folderOf(name)) : keptAt;
  const claim = undo.use(
    await stakeClaim({
      run: blueprint.run,
      folders: blueprint.nodes.flatMap(failing ? (name) => diskFolders(folderOf(name)) : dataOf),
    }),
  );
  const disks = new Map<string, LocalDisk>();
  if (failing) for (const name of blueprint.nodes) disks.set(name, undo.use(await localDisk(folderOf(name))));
  const { agent, pid } = undo.use(await startAgent());
  blueprint.log({ message: 'network agent', pid });
  const { network, attached } = undo.use(await layNetwork(agent, blueprint.nodes));
  const at = new Map(attached.map((attachment) => [attachment.name, attachment]));
  const shaped = undo.use(
    new ShapedLinks({
      start: localShaper,
      door: async (name) => (name === CLIENTS ? '/proc/self/ns/net' : at.get(name)?.door),
      hosts: (name) => network.hosts(name),
    }),
  );

  const members = attached.map(({ name, host, host6 }, index): Member => {
    return {
      name,
      number: index + 1,
      host,
      ...(host6 && { host6 }),
      data: dataOf(name),
      address: (port) => {
        const number = blueprint.ports[port];
        if (number === undefined) throw new UsageError(`the system has no port called ${port}`);
        return `${host}:${number}`;
      },
    };
  });
  const nodes = members.map((member, index) => {
    const recipe = blueprint.recipe(member, members);
    const { door } = attached[index] as Attachment;
    return undo.use(new LocalNode(member, recipe, door, blueprint, launcher, agent, disks.get(member.name)));
  });
  signal.throwIfAborted();
  for (const node of nodes) await node.start();
  await Promise.all(nodes.map((node) => node.survive(proofOfLifeMs)));
  signal.throwIfAborted();
  const keepData = async (): Promise<readonly string[]> => {
    if (failing) await Promise.all(members.map(({ name, data }) => cp(data, keptAt(name), asItIs)));
    else await claim.release();
    const missing = await Promise.all(members.map(({ name }) => plainData(name, keptAt(name))));
    return missing.flat();
  };
  return { nodes, network: withShaping(network, network, shaped), keepData };
}

/** Links too: what they lead to is no one's to follow. */
const asItIs = { recursive: true, verbatimSymlinks: true };

/** Loaded with the first node: 100 ms that nobody pays who starts none. */
const launcher: Launcher = {
  async launch([file, ...argv], { folder, env }, stdout, stderr) {
    const { execa } = await import('execa');
    const child = execa(file as string, argv, {
      cwd: folder,
      env,
      extendEnv: false,
      stdin: 'ignore',
      // Any open file will do, and its output passes us by; the types name only the first few.
      stdout: stdout as 3,
      stderr: stderr as 3,
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
    });
    const ended = child.then(({ exitCode: code, signal }) => ({ code, signal }));
    if (child.pid === undefined) {
      const { shortMessage } = (await child) as { shortMessage?: string };
      throw new EnvironmentError(`cannot start a process: ${shortMessage}`);
    }
    return { pid: child.pid, ended };
  },

  async run([file, ...argv], { folder, env }, signal) {
    const { execa } = await import('execa');
    const cancel = signal === undefined ? {} : { cancelSignal: signal };
    const { stdout, stderr } = await execa(file as string, argv, {
      cwd: folder,
      env,
      extendEnv: false,
      ...cancel,
    });
    return { stdout, stderr };
  },
};

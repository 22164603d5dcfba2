import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isIPv4 } from 'node:net';
import type { SshConfig } from '../config.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import {
  CLIENTS,
  type Blueprint,
  type Capability,
  type Cluster,
  type Member,
  type Recipe,
  type Runtime,
} from '../runtime.ts';
import { AcrossProbes, type End } from './across/across-probes.ts';
import { stakeClaim } from './claim.ts';
import { Output } from './docker/output.ts';
import { Clients } from './ssh/clients.ts';
import { hostsOf, type Host } from './ssh/host.ts';
import { Machine } from './ssh/machine.ts';
import { SshNetwork } from './ssh/network.ts';
import { SshNode } from './ssh/node.ts';
import { dataFiles, fileAt, packed } from './ssh/packed.ts';
import { whyNoShaper } from './ssh/shaper.ts';
import { InUse, Stay } from './ssh/stay.ts';
import { surveyOf } from './ssh/survey.ts';
import type { SshClaim } from './ssh/upkeep.ts';

export { sshUpkeep } from './ssh/upkeep.ts';

/** How long a node is watched for an end right after its start. */
const WATCH_MS = 100;

/**
 * Nodes on machines that are reached over ssh, one on each: those that the configuration lists, and no others.
 *
 *     harness ── ssh ──► relay ─► keeper (root, in the background) ─┬─ the node’s processes
 *        │                                                          ├─ agent.pl: probes, clocks, limits
 *        │ clients                                                  └─ nft, shaper
 *        └──────────────────────────────────────────────────────────► the node’s ports
 *
 * A keeper outlives the connection, not the harness: when nobody has been heard of for 20 s it ends the node, heals what was done to
 * the machine, and removes all that was brought there.
 */
export function sshRuntime(config: SshConfig): Runtime {
  return {
    name: 'ssh',
    can: new Set(['kill', 'stop', 'pause', 'cut', 'shape', 'clock', 'limit', 'exec', 'write']),
    through: {
      kill: 'SIGKILL to every process that it has, by the keeper on its machine',
      stop: 'SIGTERM, after a while SIGKILL',
      pause: 'SIGSTOP to every process that it has',
      cut: 'nftables on each machine',
      shape: 'our shaper on NFQUEUE, built by a C compiler here and brought there',
      clock: 'the vDSO of each of its processes, by the agent there',
      limit: 'prlimit of each of its processes, by the agent there',
      write: 'files, by SFTP',
    },
    lacks: (capability) => lacks(capability, hostsOf(config)),
    provision: (blueprint, signal) => provision(blueprint, hostsOf(config), signal),
  };
}

/** Asked of each machine; what cannot be asked throws, for then no run can be there either. */
async function lacks(capability: Capability, hosts: readonly Host[]): Promise<string | undefined> {
  if (capability === 'shape') return await whyNoShaper();
  if (capability !== 'cut') return undefined;
  const without = await eachOf(hosts, async (host) => {
    await using machine = new Machine(host);
    const { has } = await surveyOf(machine);
    return has.has('nft') ? [] : [host.name];
  });
  const names = without.flat();
  return names.length === 0 ? undefined : `${names.join(', ')} has no nft: apt-get install nftables`;
}

async function provision(
  blueprint: Blueprint,
  hosts: readonly Host[],
  signal: AbortSignal,
): Promise<Cluster> {
  const { nodes } = blueprint;
  if (hosts.length < nodes.length)
    throw new UsageError(`${nodes.length} nodes need as many machines, and ${hosts.length} are listed`, {
      hint: `Ask for fewer with --nodes ${hosts.length}, or list more under ssh.hosts in labrys.config.ts.`,
    });
  const made = new AsyncDisposableStack();
  try {
    return await bringUp(blueprint, hosts, signal, made);
  } catch (cause) {
    // What went wrong first is what anyone wants to know.
    await made.disposeAsync().catch((error: unknown) => {
      blueprint.log({ message: 'clean-up failed', reason: String(error) });
    });
    throw cause;
  }
}

/** Whatever is made is put on the stack, so that it can be undone from any point on. */
async function bringUp(
  blueprint: Blueprint,
  hosts: readonly Host[],
  signal: AbortSignal,
  made: AsyncDisposableStack,
): Promise<Cluster> {
  const { run, log } = blueprint;
  const outputs = blueprint.nodes.map((name) => made.use(new Output(join(blueprint.folder, 'nodes', name))));
  const claim = await stakeClaim<Pick<SshClaim, 'hosts'>>({ run, folders: [], hosts }, 'ssh');
  // A machine that could not be put right stays claimed, for `labrys clean` to find.
  const owed = new Set<Host>();
  made.defer(async () => (owed.size === 0 ? await claim[Symbol.asyncDispose]() : undefined));
  const stays = await settle(blueprint, hosts, owed, made);
  signal.throwIfAborted();
  const addresses = stays.map(addressOf);
  const members = blueprint.nodes.map((name, i) =>
    memberOf(blueprint, name, i, stays[i] as Stay, addresses[i] as string),
  );
  const recipes = members.map((self) => blueprint.recipe(self, members));
  await bringAll(stays, recipes);
  signal.throwIfAborted();
  const clients = made.use(new Clients());
  const nodes = await eachOf(members, async (member, i) => {
    const stay = stays[i] as Stay;
    const reached = await eachOf(
      Object.entries(blueprint.ports),
      async ([port, number]) => [port, await clients.reach(stay, member.host, number)] as const,
    );
    const node = new SshNode(
      member,
      recipes[i] as Recipe,
      stay,
      outputs[i] as Output,
      Object.fromEntries(reached),
      log,
    );
    return made.use(node);
  });
  const ends = new Map<string, { readonly here: End; readonly clients: End }>(
    await eachOf(stays, async (stay, i) => {
      await stay.agent.ask('enter', 'here', '/proc/self/ns/net');
      const here = { agent: stay.agent, name: 'here', address: addresses[i] as string };
      const agent = await clients.agentFor(stay);
      return [
        blueprint.nodes[i] as string,
        { here, clients: { agent, name: CLIENTS, address: stay.survey.client } },
      ] as const;
    }),
  );
  const probes = new AcrossProbes((name, other) => {
    const end = name === CLIENTS ? ends.get(other)?.clients : ends.get(name)?.here;
    if (end === undefined) throw new RangeError(`no node ${name} on this network`);
    return end;
  });
  const places = blueprint.nodes.map((name, i) => ({
    name,
    host: addresses[i] as string,
    stay: stays[i] as Stay,
  }));
  const network = made.use(new SshNetwork(places, probes));
  await eachOf(nodes, async (node) => {
    node.listen();
    await node.start();
  });
  await sleep(WATCH_MS);
  await eachOf(nodes, (node) => node.assertRuns());
  signal.throwIfAborted();
  return {
    nodes,
    network,
    keepData: async () => (await Promise.all(nodes.map((node) => node.keepData()))).flat(),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

/** A machine for each node: the first that are listed; where another run is on one, the next that nobody has. */
async function settle(
  { nodes, run, log }: Blueprint,
  hosts: readonly Host[],
  owed: Set<Host>,
  made: AsyncDisposableStack,
): Promise<readonly Stay[]> {
  const spare = hosts.slice(nodes.length);
  const stayFor = async (node: string, host: Host): Promise<Stay> => {
    const machine = made.use(new Machine(host));
    try {
      const stay = await Stay.begin(machine, run);
      owed.add(host);
      made.defer(async () => {
        await stay[Symbol.asyncDispose]();
        owed.delete(host);
      });
      log({ node, message: 'machine', host: host.name, user: host.user, hardware: stay.survey.hardware });
      return stay;
    } catch (cause) {
      const next = cause instanceof InUse ? spare.shift() : undefined;
      if (next === undefined) throw cause;
      log({ node, message: 'another machine', because: (cause as Error).message });
      return await stayFor(node, next);
    }
  };
  return await eachOf(nodes, (node, i) => stayFor(node, hosts[i] as Host));
}

function addressOf({ machine, survey }: Stay): string {
  const address = machine.host.address ?? survey.server;
  if (isIPv4(address)) return address;
  throw new EnvironmentError(
    `${machine.host.name} was reached at ${address}, and nodes need an IPv4 address`,
    {
      hint: 'Set address for that host in labrys.config.ts.',
    },
  );
}

function memberOf({ ports }: Blueprint, name: string, index: number, { folder }: Stay, host: string): Member {
  return {
    name,
    number: index + 1,
    host,
    data: `${folder}/data`,
    brought: `${folder}/brought`,
    address: (port) => {
      const number = ports[port];
      if (number === undefined)
        throw new UsageError(`there is no port ${port}, only ${Object.keys(ports).join(', ')}`);
      return `${host}:${number}`;
    },
  };
}

/** The files of each recipe: what they bring is large, and most often the same for all, so that it is packed once. */
async function bringAll(stays: readonly Stay[], recipes: readonly Recipe[]): Promise<void> {
  const packs = new Map<string, Promise<Buffer>>();
  await eachOf(stays, async (stay, i) => {
    const { files = {}, bring = {} } = recipes[i] as Recipe;
    if (Object.keys(files).length > 0) await stay.bring('files', await packed(dataFiles(files)));
    const known = JSON.stringify(bring);
    if (known === '{}') return;
    const pack =
      packs.get(known) ??
      packed(Object.entries(bring).map(([path, from]) => fileAt(`brought/${path}`, from)));
    packs.set(known, pack);
    await stay.bring('brought', await pack);
  });
}

/** As Promise.all, but it settles only when all have: what is still being made cannot be undone yet. */
async function eachOf<T, R>(all: readonly T[], act: (one: T, index: number) => Promise<R>): Promise<R[]> {
  const promises = all.map(act);
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

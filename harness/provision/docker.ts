import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Blueprint, Capability, Cluster, Member, NodeDisk, Recipe, Runtime } from '../runtime.ts';
import { startAgent } from './docker/agent.ts';
import { collectLogs } from './docker/collect.ts';
import { createContainer, DATA } from './docker/container.ts';
import {
  bindFor,
  createDisks,
  forAgent,
  mountDisks,
  removeDisks,
  whyNoDisks,
  type RunDisks,
} from './docker/disks.ts';
import { connect, type Engine } from './docker/engine.ts';
import { reasonOf } from './docker/failure.ts';
import { ensureImage } from './docker/image.ts';
import { nameOf } from './docker/labels.ts';
import { type OpenNetwork, openNetwork } from './docker/network.ts';
import { assertRuns, ContainerNode } from './docker/node.ts';
import { Output } from './docker/output.ts';
import { Places } from './docker/places.ts';
import { whyNoGroups, whyNoLimits } from './docker/powers.ts';
import { publishedPorts } from './docker/ports.ts';
import { removeContainer, removeRun } from './docker/remove.ts';
import { startShaper, whyNoShaper } from './docker/shaper.ts';
import { host } from './docker/subnet.ts';
import { createWire, type Wire } from './docker/wire.ts';
import { ShapedLinks, withShaping } from './shaped-links.ts';

export { dockerUpkeep } from './docker/upkeep.ts';

/** `.11` is n1. */
const FIRST_HOST = 11;
const MAX_NODES = 240;
const PORT_ATTEMPTS = 5;
/** How long a node is watched for an end right after its start. */
const WATCH_MS = 100;

/**
 * Nodes as containers of any engine that speaks Docker's API, here or on another machine.
 *
 *     harness ──────────────┬─ attach ─ labrys-RUN-agent   (host's network: the packet filter, the probes)
 *        │ clients          │
 *        ▼                  ▼
 *     labrys-RUN-n1 … n5  on network labrys-RUN, each with an address of its own
 *
 * Images are used as they are: nothing is installed into a node, and no fault needs anything in it.
 */
export function dockerRuntime({ open = openNetwork, find = connect }: Partial<Means> = {}): Runtime {
  const means = { open, find };
  return {
    name: 'docker',
    can: new Set([
      'kill',
      'stop',
      'pause',
      'cut',
      'shape',
      'clock',
      'limit',
      'group',
      'disk',
      'exec',
      'write',
    ]),
    through: {
      kill: 'the engine',
      stop: 'the engine: the image’s stop signal, after a while SIGKILL',
      pause: 'the engine: the freezer',
      cut: 'nftables on the engine’s bridge; without them, neighbour tables',
      shape: 'our shaper on NFQUEUE beside the agent, built by a C compiler here or in an image',
      clock: 'the vDSO of each of its processes, by the agent',
      limit: 'prlimit of each of its processes, by the agent',
      group: 'its container’s control group, by the agent',
      write: 'the engine',
      disk: 'our file system on FUSE beside the agent, built by a C compiler with libfuse3-dev here or in an image',
    },
    lacks: async (capability) => await why[capability]?.(await find()),
    provision: (blueprint, signal) => provision(blueprint, means, signal),
  };
}

/** What an engine's machine may lack, tried out when a fault needs it. */
const why: { readonly [C in Capability]?: (engine: Engine) => Promise<string | undefined> } = {
  shape: (engine) => whyNoShaper(engine),
  disk: (engine) => whyNoDisks(engine),
  limit: (engine) => whyNoLimits(engine),
  group: (engine) => whyNoGroups(engine),
};

/** How an engine is found, and how links are cut on it. */
interface Means {
  readonly open: OpenNetwork;
  readonly find: () => Promise<Engine>;
}

async function provision(blueprint: Blueprint, { open, find }: Means, signal: AbortSignal): Promise<Cluster> {
  if (blueprint.nodes.length > MAX_NODES)
    throw new UsageError(`docker holds at most ${MAX_NODES} nodes a run, not ${blueprint.nodes.length}`);
  const engine = await find();
  signal.throwIfAborted();
  // Undone from the end: what a node says while it is removed is still written down.
  const made = new AsyncDisposableStack();
  const outputs = blueprint.nodes.map((name) => made.use(new Output(join(blueprint.folder, 'nodes', name))));
  if (blueprint.failingDisks) made.defer(() => removeDisks(engine, nameOf(blueprint.run)));
  made.defer(() => removeRun(engine.docker, blueprint.run));
  try {
    return await bringUp(engine, blueprint, open, outputs, signal, made);
  } catch (cause) {
    await made.disposeAsync().catch((error: unknown) => {
      blueprint.log({ message: 'clean-up failed', reason: reasonOf(error) });
    });
    throw cause;
  }
}

async function bringUp(
  engine: Engine,
  blueprint: Blueprint,
  open: OpenNetwork,
  outputs: readonly Output[],
  signal: AbortSignal,
  made: AsyncDisposableStack,
): Promise<Cluster> {
  const { docker } = engine;
  const { run, log } = blueprint;
  const wire = await createWire(docker, run);
  log({ message: 'network made', name: wire.name, subnet: wire.subnet, engine: engine.where });
  const members = membersOf(blueprint, wire);
  const recipes = members.map((self) => withImage(blueprint.recipe(self, members), self));
  const volume = blueprint.failingDisks ? await createDisks(engine, run) : undefined;
  const starting = startAgent(engine, run, log, signal, volume && forAgent(volume)).then((agent) =>
    made.use(agent),
  );
  const disksFor = async (folder: RunDisks): Promise<Disks> => {
    const mounted = made.use(await mountDisks(engine, await starting, blueprint.nodes, log));
    return { folder, disks: mounted.disks };
  };
  const images = prepareImages(engine, recipes, blueprint, signal);
  const failing = volume ? disksFor(volume) : Promise.resolve(undefined);
  const [agent, nodes] = await allOrWait([
    starting,
    allOrWait([images, failing]).then(([, disks]) =>
      allOrWait(
        members.map((self, i) =>
          startNode(
            engine,
            blueprint,
            wire,
            members,
            self,
            recipes[i] as Runnable,
            outputs[i] as Output,
            made,
            disks,
          ),
        ),
      ),
    ),
  ]);
  // Before its disk goes: what it would say of that is no evidence of anything.
  if (volume) made.defer(async () => void (await Promise.allSettled(nodes.map((node) => node.kill()))));
  signal.throwIfAborted();
  for (const node of nodes) made.use(node.reach(agent.agent));
  const places = new Places(
    agent.agent,
    nodes.map((node, i) => ({ node, host: (members[i] as Member).host })),
    host(wire.subnet, 1),
  );
  const [opened] = await Promise.allSettled([open(agent.agent, run, places, log), sleep(WATCH_MS)]);
  // First of all, for a node that has ended may be why its links could not be made, and says more than that.
  await Promise.all(nodes.map(assertRuns));
  if (opened.status === 'rejected') throw opened.reason;
  const network = opened.value;
  const shaped = made.use(
    new ShapedLinks({
      start: () => startShaper(engine, agent, log),
      door: (name) => places.door(name),
      hosts: (name) => [places.host(name)],
    }),
  );
  for (const node of nodes)
    node.onRestart(async () => {
      await network.settle();
      await shaped.settle();
    });
  return {
    nodes,
    network: withShaping(network, places, shaped),
    keepData: async () => (await Promise.all(nodes.map((node) => node.keepData()))).flat(),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

function membersOf({ nodes, ports }: Blueprint, wire: Wire): Member[] {
  return nodes.map((name, i) => ({
    name,
    number: i + 1,
    host: host(wire.subnet, FIRST_HOST + i),
    data: DATA,
    address: (port) => `${host(wire.subnet, FIRST_HOST + i)}:${portOf(ports, port)}`,
  }));
}

function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined)
    throw new UsageError(`there is no port ${name}, only ${Object.keys(ports).join(', ')}`);
  return port;
}

/** Those of a run, and where they are. */
interface Disks {
  readonly folder: RunDisks;
  readonly disks: ReadonlyMap<string, NodeDisk>;
}

type Runnable = Recipe & { readonly image: string };

/** An image that is built needs no name of its own: its folder's will do. */
function withImage(recipe: Recipe, self: Member): Runnable {
  const image = recipe.image ?? (recipe.build && `labrys-${basename(recipe.build.context).toLowerCase()}`);
  if (image === undefined)
    throw new UsageError(`the recipe of ${self.name} names no image, and docker runs nothing else`, {
      hint: 'give the recipe an `image`, or a `build` that says how to make one; or use --runtime local',
    });
  return { ...recipe, image };
}

/** Each image once, one after another: they often share their first layers. */
async function prepareImages(
  { docker }: Engine,
  recipes: readonly Runnable[],
  { log }: Blueprint,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Map(recipes.map(({ image, build }) => [image, { image, build }]));
  for (const request of wanted.values()) await ensureImage(docker, request, log, signal);
}

/** Make and start one node; where its published ports turn out to be taken, with others. */
async function startNode(
  engine: Engine,
  blueprint: Blueprint,
  wire: Wire,
  members: readonly Member[],
  self: Member,
  recipe: Runnable,
  output: Output,
  made: AsyncDisposableStack,
  disks: Disks | undefined,
): Promise<ContainerNode> {
  const { run, ports, log } = blueprint;
  const binds = disks && [bindFor(disks.folder, self.name, DATA)];
  for (let attempt = 1; ; attempt++) {
    const published = wire.routed
      ? new Map<number, number>()
      : publishedPorts(run, self.number, ports, attempt);
    const container = await createContainer(engine.docker, {
      run,
      self,
      members,
      recipe,
      wire,
      published,
      ...(binds && { binds }),
    });
    const addresses = Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [
        name,
        wire.routed ? `${self.host}:${port}` : `${engine.host}:${published.get(port)}`,
      ]),
    );
    log({ node: self.name, message: 'made', host: self.host, image: recipe.image, argv: recipe.command });
    const node = new ContainerNode(
      self,
      engine.docker,
      container,
      addresses,
      output,
      log,
      disks?.disks.get(self.name),
    );
    try {
      // What was there before the node is no node's to sync.
      await node.disk?.settle();
      await node.start();
      made.defer(() => collectLogs(container, self.name, recipe.logs ?? [], output.folder, log));
      return node;
    } catch (cause) {
      if (!/port is already allocated|address already in use/.test(reasonOf(cause))) throw cause;
      if (attempt === PORT_ATTEMPTS)
        throw new EnvironmentError(`no free ports for ${self.name} on ${engine.host}: ${reasonOf(cause)}`, {
          cause,
        });
      await removeContainer(engine.docker, container.id);
    }
  }
}

/** As Promise.all, but it settles only when all have: what is still being made cannot be removed yet. */
async function allOrWait<T extends readonly unknown[]>(
  promises: readonly [...{ [I in keyof T]: Promise<T[I]> }],
): Promise<T> {
  const all: readonly Promise<unknown>[] = promises;
  await Promise.allSettled(all);
  return (await Promise.all(all)) as unknown as T; // One value for each promise, as the parameter says.
}

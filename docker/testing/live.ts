import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operations } from 'knossos-js';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type {
  Client,
  Cluster,
  Context,
  Leader,
  Node,
  Runtime,
  Settings,
  System,
  Workload,
} from '../../harness/index.ts';
import { realTime } from '../../harness/time-real.ts';

type Options = Settings['options'];

/** Real nodes of a system, for the tests of the suite that this was called in: up before the first, whole before each, gone after the last. */
export interface Live {
  named(name: string): Node;
  readonly nodes: readonly Node[];
  leaders(): Promise<readonly Leader[]>;
  /** One that leads alone, as soon as there is one. */
  leader(): Promise<Leader>;
  /** From now on no node of a group hears any of another. */
  split(...groups: readonly (readonly string[])[]): Promise<void>;
  heal(): Promise<void>;
  untilReady(node: Node): Promise<void>;
  open<Ops extends Operations, O>(
    workload: Workload<Ops, O>,
    name: string,
    options?: Options,
  ): Promise<Client<Ops>>;
}

export function live(
  system: System,
  runtime: Runtime,
  { size = system.size ?? 3, options = {} }: { readonly size?: number; readonly options?: Options } = {},
): Live {
  const time = realTime();
  const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const defaults = Object.fromEntries(
    Object.entries(system.options ?? {}).map(([name, option]) => [name, option.default]),
  );
  const settingsOf = (more: Options): Settings => ({
    options: { ...defaults, ...options, ...more },
    bug: undefined,
    runtime: runtime.name,
  });
  const settings = settingsOf({});
  const context = (): Context => ({ settings, time, signal: new AbortController().signal });
  let folder: string;
  let cluster: Cluster;
  const clients: Partial<AsyncDisposable>[] = [];

  const here: Live = {
    named: (name) => cluster.nodes.find((node) => node.name === name) as Node,
    get nodes() {
      return cluster.nodes;
    },
    leaders: async () => (await system.leaders?.(cluster.nodes, context())) ?? [],
    leader: () =>
      until(async () => {
        const [first, ...others] = await here.leaders();
        return others.length === 0 && first;
      }),
    split: (...groups) =>
      cluster.network.setCuts(
        groups.flatMap((group) =>
          groups
            .filter((other) => other !== group)
            .flatMap((other) => group.flatMap((from) => other.map((to) => ({ from, to })))),
        ),
      ),
    heal: () => cluster.network.setCuts([]),
    async untilReady(node) {
      await until(() =>
        system.ready(node, context()).then(
          () => true,
          () => false,
        ),
      );
    },
    async open(workload, name, more = {}) {
      const binding = system.clients.find((one) => one.workload === workload.name);
      if (binding === undefined) throw new Error(`${system.name} has no client for ${workload.name}`);
      const client = await binding.open({
        node: here.named(name),
        nodes: cluster.nodes,
        process: clients.length,
        settings: settingsOf(more),
        time,
      });
      clients.push(client);
      // It was looked up by the workload that it was bound to.
      return client as unknown as Client<never>;
    },
  };
  const whole = async (): Promise<void> => {
    await here.heal();
    await Promise.all(cluster.nodes.map((node) => node.resume()));
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await Promise.all(cluster.nodes.map(here.untilReady));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `labrys-${system.name}-`));
    cluster = await runtime.provision(
      {
        run: `${system.name}-live-${process.pid}`,
        folder,
        nodes: names,
        ports: system.ports,
        recipe: (self, members) => system.recipe(self, members, settings),
        log: () => undefined,
      },
      new AbortController().signal,
    );
    await whole();
    await system.setup?.(cluster.nodes, context());
  });
  beforeEach(whole);
  afterAll(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]?.();
    await cluster?.[Symbol.asyncDispose]();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
  return here;
}

/** An operation of a client, by hand. */
export function call<Value = undefined>(key: string, value?: Value, withinMs = 5_000) {
  return { key, value: value as Value, process: 0, signal: AbortSignal.timeout(withinMs) };
}

/** Asks until there is an answer, for up to half a minute. */
export async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited in vain');
}

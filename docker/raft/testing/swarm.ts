import { NotApplied, type Client } from '../../../harness/client.ts';
import { seeded, type Random } from '../../../harness/random.ts';
import type { Link, Node } from '../../../harness/runtime.ts';
import type { Context, Settings } from '../../../harness/system.ts';
import { deadline } from '../../../harness/time.ts';
import { kitClient, kitSystem } from '../../kit/system.ts';
import { bugs, type Bug } from '../bugs.ts';
import type { ObjectOperations } from '../../kit/object-client.ts';
import protocol from '../raft.ts';
import { notLinearizable, type RegisterOperation } from './zones.ts';

/**
 * Raft in the simulation under a swarm of faults, with a driver and a judge of its own: small enough to be believed, so
 * that Raft and the kit can be tested without the harness that they are to test.
 */
export interface Swarm {
  readonly seed: number;
  readonly bug?: Bug;
  readonly options?: Readonly<Record<string, string>>;
  readonly nodes?: number;
  readonly seconds?: number;
}

export interface Seen {
  /** Why the registers were not linearizable. */
  readonly violation: string | undefined;
  /** What was asked and answered, an operation a line. */
  readonly history: readonly string[];
  readonly ok: number;
}

type Registers = Pick<ObjectOperations, 'read' | 'write'>;

// Whatever the workload's generators and checkers: the client takes its name alone.
const system = kitSystem({
  name: 'raft',
  module: new URL('../raft.ts', import.meta.url),
  protocol,
  led: true,
  bugs,
  clients: [kitClient({ name: 'register' } as Parameters<typeof kitClient>[0])],
});

const KEYS = ['x', 'y', 'z'];
const DEADLINE_MS = 1_500;

export async function swarm({
  seed,
  bug,
  options = {},
  nodes: size = 3,
  seconds = 30,
}: Swarm): Promise<Seen> {
  const settings: Settings = { options, bug, runtime: 'sim' };
  const sim = system.simulation?.(seed, settings) ?? unreachable();
  const { runtime, time } = sim;
  const random = seeded(seed).fork('swarm');
  const history: string[] = [];
  const byKey = new Map<string, RegisterOperation[]>(KEYS.map((key) => [key, []]));
  let order = 0;
  let written = 0;
  let ok = 0;

  await sim.run(async () => {
    const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    const stop = new AbortController();
    const context: Context = { settings, time, signal: stop.signal };
    const { nodes, network } = await runtime.provision(
      { run: 'swarm', folder: '', nodes: names, ports: system.ports, recipe: unreachable, log: () => {} },
      stop.signal,
    );
    await system.setup?.(nodes, context);

    const operate = async (client: Client<Registers>, process: number, key: string, f: 'read' | 'write') => {
      using patience = deadline(time, DEADLINE_MS);
      const call = { key, process, signal: patience.signal };
      const value = f === 'write' ? ++written : null;
      const called = order++;
      try {
        const output = f === 'read' ? await client.read({ ...call, value: undefined }) : value;
        if (value !== null) await client.write({ ...call, value });
        byKey.get(key)?.push({ f, value: output, called, returned: order++ });
        history.push(`${time.now()} ${process} ${f} ${key} ${output}`);
        ok++;
      } catch (error) {
        history.push(`${time.now()} ${process} ${f} ${key} ${value} ${String(error)}`);
        if (f === 'write' && !(error instanceof NotApplied))
          byKey.get(key)?.push({ f, value, called, returned: Infinity });
      }
    };
    const open = async (i: number): Promise<Client<Registers>> => {
      const node = nodes[i % size] ?? unreachable();
      const client = await system.clients[0]?.open({ node, nodes, process: i, settings, time });
      return client as unknown as Client<Registers>;
    };

    const end = time.now() + seconds * 1e9;
    const lanes = Array.from({ length: 2 * size }, async (_, i) => {
      const own = random.fork(`lane ${i}`);
      const client = await open(i);
      while (time.now() < end) {
        await time.sleep(5 + own.below(60));
        await operate(client, i, own.pick(KEYS), own.below(2) ? 'read' : 'write');
      }
    });
    await Promise.all([...lanes, breakThings(random.fork('faults'), end)]);
    await network.setCuts([]);
    for (const node of nodes) await node.resume().then(() => node.start());
    await time.sleep(3_000);
    for (const i of nodes.keys()) for (const key of KEYS) await operate(await open(i), i, key, 'read');

    async function breakThings(dice: Random, until: number): Promise<void> {
      const cuts = new Set<Link>();
      const faults = dice.shuffle(['cut', 'kill', 'pause'] as const).slice(0, 1 + dice.below(3));
      const [gap, last] = [dice.pick([300, 1000, 2500]), dice.pick([200, 1500, 4000])];
      for (;;) {
        await time.sleep(gap * (0.3 + dice.fraction() * 1.4));
        if (time.now() > until) return;
        const hit = dice.shuffle(nodes).slice(0, dice.pick([1, 1, 1, (size >> 1) + 1, size]));
        const heal = await strike(dice.pick(faults), hit);
        time.after(10 + dice.fraction() * last, () => void heal());
      }
      async function strike(
        fault: 'cut' | 'kill' | 'pause',
        hit: readonly Node[],
      ): Promise<() => Promise<void>> {
        history.push(`${time.now()} ${fault} ${hit.map(({ name }) => name).join(' ')}`);
        if (fault === 'cut') {
          const links = linksAround(hit, nodes, dice.below(3));
          for (const link of links) cuts.add(link);
          await network.setCuts([...cuts]);
          return () => {
            for (const link of links) cuts.delete(link);
            return network.setCuts([...cuts]);
          };
        }
        for (const node of hit) await node[fault]();
        return async () => {
          for (const node of hit) await (fault === 'kill' ? node.start() : node.resume());
        };
      }
    }
  });
  const violation = [...byKey.values()].map(notLinearizable).find((why) => why !== undefined);
  return { violation, history, ok };
}

/** Between the nodes that were hit and the others: both ways, or only one. */
function linksAround(hit: readonly Node[], all: readonly Node[], ways: number): readonly Link[] {
  const others = all.filter((node) => !hit.includes(node));
  return hit.flatMap(({ name: a }) =>
    others.flatMap(({ name: b }) => [
      ...(ways === 1 ? [] : [{ from: a, to: b }]),
      ...(ways === 2 ? [] : [{ from: b, to: a }]),
    ]),
  );
}

function unreachable(): never {
  throw new Error('a simulated cluster asks for none of this');
}

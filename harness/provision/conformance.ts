import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { right } from '../clock.ts';
import { LabrysError, NodeError } from '../errors.ts';
import {
  CLIENTS,
  type Blueprint,
  type Cluster,
  type Link,
  type Member,
  type Node,
  type Recipe,
  type Runtime,
} from '../runtime.ts';

/** Where the suite runs. */
export interface Ground {
  /** What a recipe needs here beside the command: an image with perl-base in it. The command itself is the suite's. */
  readonly recipe?: Omit<Recipe, 'command'>;
  /** All that is on this machine and could be a run's, one line each. Disposing must lead back to what was. */
  inventory(): Promise<readonly string[]>;
  /** What this runtime cannot do. A skip gives its reason. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

const script = readFileSync(new URL('conformance-node.pl', import.meta.url), 'utf8');
const ports = { service: 7100, child: 7101 };
const names = ['n1', 'n2', 'n3'] as const;
type Name = (typeof names)[number];

/** What every runtime keeps: a runtime's own test calls this, and adds what is special about it. */
export function runtimeConformance(name: string, makeRuntime: () => Runtime, ground: Ground): void {
  const runtime = makeRuntime();
  const scratch = mkdtempSync(join(tmpdir(), 'labrys-conformance-'));
  let runs = 0;

  function check(title: string, body: () => Promise<void>): void {
    const skip = ground.skip?.find(({ tests }) => tests.includes(title));
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- it is the caller's, and so are they
    test.skipIf(skip !== undefined)(skip ? `${title} (skipped: ${skip.reason})` : title, body);
  }

  function blueprint(recipe: Blueprint['recipe'] = recipeOf, nodes: readonly string[] = names): Blueprint {
    const run = `conformance-${process.pid}-${++runs}`;
    return { run, folder: join(scratch, run), nodes, ports, recipe, log: () => undefined };
  }

  function recipeOf(self: Member, members: readonly Member[], command?: readonly string[]): Recipe {
    const peers = members.map((member) => `${member.name}=${member.address('service')}`);
    const argv = [self.data, String(ports.service), String(ports.child), ...peers];
    return {
      ...ground.recipe,
      command: command ?? ['perl', `${self.data}/node.pl`, ...argv],
      env: { ...ground.recipe?.env, LABRYS_GREETING: `hello-${self.name}` },
      files: { ...ground.recipe?.files, 'node.pl': script, 'config/name': self.name },
      logs: [`${self.data}/boots`],
    };
  }

  const provision = (plan = blueprint(), signal = new AbortController().signal): Promise<Cluster> =>
    runtime.provision(plan, signal);

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  describe(`runtime ${name}: a cluster`, () => {
    let cluster: Cluster;
    const plan = blueprint();
    const node = (wanted: Name): Node => cluster.nodes.find((one) => one.name === wanted) as Node;
    const said = (by: Name, file: string): string =>
      readFileSync(join(plan.folder, 'nodes', by, file), 'utf8');

    beforeAll(async () => {
      cluster = await provision(plan);
    });
    beforeEach(async () => {
      await cluster.network.setCuts([]);
      for (const one of cluster.nodes) {
        if ((await one.state()) === 'paused') await one.resume();
        await one.start();
        await one.clock?.set('wall', right);
      }
      for (const one of cluster.nodes) await answering(one);
    });
    afterAll(() => cluster?.[Symbol.asyncDispose]());

    check('every node runs, at an address of its own', async () => {
      expect(cluster.nodes.map((one) => one.name)).toEqual(names);
      expect(new Set(cluster.nodes.map((one) => one.address('service'))).size).toBe(3);
      expect(await Promise.all(cluster.nodes.map((one) => one.state()))).toEqual(names.map(() => 'running'));
    });

    check('a node has the environment and the files of its recipe', async () => {
      expect(await ask(node('n2'), 'env LABRYS_GREETING')).toBe('hello-n2');
      const { stdout } = (await node('n2').exec?.(['cat', 'config/name'])) ?? { stdout: 'n2' };
      expect(stdout.trim()).toBe('n2');
    });

    check('files are written into a node while it runs and while it is dead, and stay', async () => {
      const one = node('n3');
      const text = 'with “quotes”, and no end of line';
      await one.write?.({ 'config/more': text });
      await one.kill();
      await one.write?.({ 'config/name': 'n3 again', 'deep/er/file': text });
      await one.start();
      await answering(one);
      const read = async (file: string): Promise<string> => (await one.exec?.(['cat', file]))?.stdout ?? '';
      expect(await read('config/more')).toBe(text);
      expect(await read('config/name')).toBe('n3 again');
      expect(await read('deep/er/file')).toBe(text);
      expect(one.member?.name).toBe('n3');
    });

    check('what a node says is in the run’s folder, and its last lines are at hand', async () => {
      await until(() => said('n1', 'stdout.log').startsWith('boot 1\n'));
      await until(() => said('n1', 'stderr.log').startsWith(`listening on ${ports.service}\n`));
      await until(() => node('n1').lastLines().includes('boot 1'));
      expect(node('n1').lastLines(1)).toHaveLength(1);
    });

    check('a killed node is dead, and so are the processes that it started', async () => {
      await node('n1').kill();
      expect(await node('n1').state()).toBe('dead');
      // A container takes its address with it: whoever calls there hears nothing at all.
      expect(await ask(node('n1'), 'boots', quiet)).toMatch(/^(nobody|silence)$/);
      expect(await ask(node('n1'), 'boots', { ...quiet, port: 'child' })).toMatch(/^(nobody|silence)$/);
      expect(await ask(node('n2'), 'reach n1')).not.toBe('connected');
      await node('n1').kill();
    });

    check('a killed node starts again with its data, and goes on with its logs', async () => {
      const boots = Number(await ask(node('n1'), 'boots'));
      await node('n1').kill();
      await node('n1').start();
      await answering(node('n1'));
      expect(await ask(node('n1'), 'boots')).toBe(String(boots + 1));
      expect(await node('n1').state()).toBe('running');
      await until(() => said('n1', 'stdout.log').includes(`boot ${boots + 1}\n`));
      expect(said('n1', 'stdout.log')).toContain('boot 1\n');
    });

    check('starting a node that runs does nothing', async () => {
      const boots = await ask(node('n1'), 'boots');
      await node('n1').start();
      expect(await ask(node('n1'), 'boots')).toBe(boots);
    });

    check(
      'a paused node gets no time, nor do the processes that it started, until it is resumed',
      async () => {
        await node('n1').pause();
        expect(await node('n1').state()).toBe('paused');
        const asked = ask(node('n1'), 'echo late', { waitMs: 60_000 });
        expect(await ask(node('n1'), 'boots', quiet)).toBe('silence');
        expect(await ask(node('n1'), 'boots', { ...quiet, port: 'child' })).toBe('silence');
        await node('n1').pause();
        await node('n1').resume();
        expect(await asked).toBe('late');
        expect(await node('n1').state()).toBe('running');
        await answering(node('n1'));
        await node('n1').resume();
      },
    );

    check('a paused node can be killed', async () => {
      await node('n3').pause();
      await node('n3').kill();
      expect(await node('n3').state()).toBe('dead');
      await node('n3').start();
      await answering(node('n3'));
      expect(await node('n3').state()).toBe('running');
    });

    check('a whole network carries everything', async () => {
      expect(await cluster.network.probe(everyLink)).toEqual(everyLink.map(() => true));
      await says(node('n1'), 'reach n2', 'connected');
    });

    check('a link cut both ways carries nothing, silently; the others, and clients, pass', async () => {
      await cluster.network.setCuts(both('n1', 'n2'));
      expect(await cut()).toEqual(['n1→n2', 'n2→n1']);
      expect(await ask(node('n1'), 'reach n2')).toBe('silence');
      expect(await ask(node('n2'), 'reach n1')).toBe('silence');
      await says(node('n1'), 'reach n3', 'connected');
      await says(node('n3'), 'reach n2', 'connected');
    });

    check('a link cut one way carries datagrams the other way', async () => {
      await cluster.network.setCuts([{ from: 'n1', to: 'n2' }]);
      expect(await cut()).toEqual(['n1→n2']);
      expect(await ask(node('n1'), 'send n2 lost')).toBe('sent');
      expect(await ask(node('n2'), 'send n1 kept')).toBe('sent');
      await until(async () => (await ask(node('n1'), 'heard')).includes('kept'));
      expect(await ask(node('n2'), 'heard')).not.toContain('lost');
    });

    check('clients are cut off from one node, or hear nothing of it, and no other link suffers', async () => {
      const [asks, answers] = [
        { from: CLIENTS, to: 'n1' },
        { from: 'n1', to: CLIENTS },
      ];
      for (const one of [asks, answers]) {
        await cluster.network.setCuts([one]);
        expect(await ask(node('n1'), 'echo here', quiet)).toBe('silence');
        expect(await ask(node('n2'), 'reach n1')).toBe('connected');
        expect(await ask(node('n3'), 'echo here')).toBe('here');
        expect(await cluster.network.probe([asks, answers])).toEqual([one !== asks, one !== answers]);
      }
      await cluster.network.setCuts([]);
      await answering(node('n1'));
    });

    check('an open connection stalls under a cut without an error, and goes on after it', async () => {
      await says(node('n1'), 'dial n3', 'connected');
      await says(node('n1'), 'over before', 'before');
      await cluster.network.setCuts(both('n1', 'n3'));
      expect(await ask(node('n1'), 'over during')).toBe('silence');
      await cluster.network.setCuts([]);
      await until(async () => (await ask(node('n1'), 'over after')).includes('after'));
    });

    check('new cuts replace the old ones, and the same again changes nothing', async () => {
      await cluster.network.setCuts([...both('n1', 'n2'), { from: 'n3', to: 'n1' }]);
      expect(await cut()).toEqual(['n1→n2', 'n2→n1', 'n3→n1']);
      const next: readonly Link[] = [
        { from: 'n2', to: 'n1' },
        { from: 'n2', to: 'n3' },
      ];
      await cluster.network.setCuts(next);
      await cluster.network.setCuts([...next, ...next]);
      expect(await cut()).toEqual(['n2→n1', 'n2→n3']);
      await cluster.network.setCuts([]);
      expect(await cut()).toEqual([]);
    });

    check('a node that restarts under a cut is still cut off', async () => {
      await cluster.network.setCuts([...both('n1', 'n2'), ...both('n1', 'n3')]);
      await node('n1').kill();
      await node('n1').start();
      await answering(node('n1'));
      expect(await cut()).toEqual(['n1→n2', 'n1→n3', 'n2→n1', 'n3→n1']);
      expect(await ask(node('n1'), 'reach n2')).toBe('silence');
      expect(await ask(node('n2'), 'reach n1')).toBe('silence');
    });

    check('a cut made while a node is down holds when it is back, and so does a heal', async () => {
      await node('n2').kill();
      await cluster.network.setCuts([{ from: 'n2', to: 'n3' }]);
      await node('n2').start();
      await answering(node('n2'));
      expect(await cut()).toEqual(['n2→n3']);
      await node('n2').kill();
      await cluster.network.setCuts([]);
      await node('n2').start();
      await answering(node('n2'));
      expect(await cut()).toEqual([]);
    });

    const hour = 3600;
    /** How far a process of this node says that it is ahead of us, in seconds. */
    const ahead = async (by: Name, asks = 'time', port: keyof typeof ports = 'service'): Promise<number> =>
      Number(await ask(node(by), asks, { port })) - Date.now() / 1000;
    const about = (seconds: number): [number, number] => [seconds, -1.5];

    check(
      'a node’s clock is its own: its processes and what they start have it, and nobody else',
      async () => {
        await node('n1').clock?.set('wall', { aheadMs: hour * 1000 });
        expect(await ahead('n1')).toBeCloseTo(...about(hour));
        expect(await ahead('n1', 'time', 'child')).toBeCloseTo(...about(hour));
        expect(await ahead('n1', 'later')).toBeCloseTo(...about(hour));
        expect(await ahead('n2')).toBeCloseTo(...about(0));
        const readings = (await node('n1').clock?.read()) ?? [];
        expect(readings.length).toBe(2);
        for (const { wall, monotonic } of readings) {
          expect(wall.aheadMs).toBeCloseTo(hour * 1000, 0);
          expect(monotonic.aheadMs).toBeCloseTo(0, 0);
        }
      },
    );

    check('a node that starts again has the clock that it was given, until it is put right', async () => {
      await node('n1').clock?.set('wall', { aheadMs: -hour * 1000 });
      await node('n1').kill();
      expect(await node('n1').clock?.read()).toEqual([]);
      await node('n1').start();
      await answering(node('n1'));
      await until(
        async () => (await ahead('n1')) < -hour / 2 && (await ahead('n1', 'time', 'child')) < -hour / 2,
      );
      await node('n1').clock?.set('wall', right);
      expect(await ahead('n1')).toBeCloseTo(...about(0));
    });

    check('the clock of a paused node is changed, and it stays paused', async () => {
      await node('n3').pause();
      await node('n3').clock?.set('wall', { aheadMs: hour * 1000 });
      expect(await node('n3').state()).toBe('paused');
      await node('n3').resume();
      expect(await ahead('n3')).toBeCloseTo(...about(hour));
    });

    check('a second cluster at the same time is another world', async () => {
      await using other = await provision();
      await cluster.network.setCuts(both('n1', 'n2'));
      const [first] = other.nodes;
      await answering(first as Node);
      expect(await other.network.probe(everyLink)).toEqual(everyLink.map(() => true));
      expect(await cut()).toEqual(['n1→n2', 'n2→n1']);
      const all = [...cluster.nodes, ...other.nodes].map((one) => one.address('service'));
      expect(new Set(all).size).toBe(6);
    });

    async function cut(): Promise<readonly string[]> {
      const whole = await cluster.network.probe(everyLink);
      return everyLink.filter((_, index) => !whole[index]).map(({ from, to }) => `${from}→${to}`);
    }
  });

  describe(`runtime ${name}: from nothing to nothing`, () => {
    let before: readonly string[];
    beforeEach(async () => {
      before = await ground.inventory();
    });

    check('a disposed cluster leaves nothing but its record', async () => {
      const plan = blueprint();
      const cluster = await provision(plan);
      const [n1, n2, n3] = cluster.nodes as [Node, Node, Node];
      for (const node of cluster.nodes) await answering(node);
      expect(await ground.inventory()).not.toEqual(before);
      await cluster.network.setCuts(both('n1', 'n2'));
      await n1.kill();
      await n2.pause();
      await cluster[Symbol.asyncDispose]();
      expect(await ground.inventory()).toEqual(before);
      expect(readFileSync(join(plan.folder, 'nodes', n3.name, 'stdout.log'), 'utf8')).toBe('boot 1\n');
      expect(readFileSync(join(plan.folder, 'nodes', n3.name, 'boots'), 'utf8')).toBe('boot\n');
      expect(existsSync(join(plan.folder, 'nodes', n3.name, 'data'))).toBe(false);
    });

    check('data that is kept outlives its cluster, as regular files and folders alone', async () => {
      const plan = blueprint();
      const cluster = await provision(plan);
      for (const node of cluster.nodes) await answering(node);
      const n2 = cluster.nodes[1] as Node;
      await n2.exec?.([
        'sh',
        '-c',
        'mkdir deep && echo one > deep/f && ln deep/f second && ln -s / link && mkfifo pipe && chmod 0 deep/f',
      ]);
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      const missing = await cluster.keepData?.();
      await cluster[Symbol.asyncDispose]();
      expect(missing).toEqual(['n2: left out links, devices and pipes: link, pipe']);
      const kept = join(plan.folder, 'nodes/n2/data');
      expect(readdirSync(kept).toSorted()).toEqual(['boots', 'config', 'deep', 'node.pl', 'second']);
      for (const file of ['deep/f', 'second']) expect(readFileSync(join(kept, file), 'utf8')).toBe('one\n');
      expect(readFileSync(join(plan.folder, 'nodes/n3/data/boots'), 'utf8')).toBe('boot\n');
      expect(await ground.inventory()).toEqual(before);
    });

    check('disposing twice is disposing once', async () => {
      const cluster = await provision(blueprint(recipeOf, ['n1']));
      await cluster[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      expect(await ground.inventory()).toEqual(before);
    });

    check('a command that does not exist is named, and nothing is left', async () => {
      const recipe: Blueprint['recipe'] = (self, all) =>
        recipeOf(self, all, self.name === 'n2' ? ['labrys-no-such-command', '-x'] : undefined);
      const failure = await provision(blueprint(recipe)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(LabrysError);
      expect(String(failure)).toContain('labrys-no-such-command');
      expect(await ground.inventory()).toEqual(before);
    });

    check('a node that ends at once is named with its last words, and nothing is left', async () => {
      const recipe: Blueprint['recipe'] = (self, all) =>
        recipeOf(self, all, self.name === 'n3' ? ['sh', '-c', 'echo no good >&2; exit 3'] : undefined);
      const failure = await provision(blueprint(recipe)).then(endOfLast, (error: unknown) => error);
      expect(failure).toBeInstanceOf(NodeError);
      expect(failure).toMatchObject({ node: 'n3', lastLines: ['no good'] });
      expect(String(failure)).toContain('3');
      expect(await ground.inventory()).toEqual(before);
    });

    check('a recipe that throws is the run’s failure, and nothing is left', async () => {
      const recipe: Blueprint['recipe'] = (self, all) => {
        if (self.name === 'n2') throw new Error('no recipe for n2');
        return recipeOf(self, all);
      };
      await expect(provision(blueprint(recipe))).rejects.toThrow('no recipe for n2');
      expect(await ground.inventory()).toEqual(before);
    });

    check('an interrupted start ends with the reason, and nothing is left', async () => {
      const stop = new AbortController();
      const recipe: Blueprint['recipe'] = (self, all) => {
        stop.abort(new Error('interrupted'));
        return recipeOf(self, all);
      };
      await expect(provision(blueprint(recipe), stop.signal)).rejects.toThrow('interrupted');
      expect(await ground.inventory()).toEqual(before);
    });
  });
}

/**
 * On a machine so slow that a cluster was up before its last node had come to its end, the run sees that end when it waits
 * for the node: said as it would say it then.
 */
async function endOfLast(cluster: Cluster): Promise<NodeError> {
  await using up = cluster;
  const last = up.nodes.at(-1) as Node;
  await until(async () => (await last.state()) === 'dead');
  await until(() => last.lastLines().length > 0);
  return new NodeError(last.name, 'its process ended', { lastLines: last.lastLines() });
}

const everyLink: readonly Link[] = names.flatMap((from) =>
  names.filter((to) => to !== from).map((to) => ({ from, to })),
);

const both = (one: Name, other: Name): readonly Link[] => [
  { from: one, to: other },
  { from: other, to: one },
];

/** Where nobody is expected to answer. */
const quiet = { waitMs: 1_000 };

/** One line to a node, and its answer: `nobody` listens, or there is `silence`. */
function ask(
  node: Node,
  line: string,
  { port = 'service', waitMs = 10_000 }: { port?: keyof typeof ports; waitMs?: number } = {},
): Promise<string> {
  const [host = '', number] = node.address(port).split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(number) }, () => socket.write(`${line}\n`));
    const end = (answer: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end('silence'), waitMs);
    socket.on('data', (chunk) => end(chunk.toString().trim()));
    socket.on('error', () => end('nobody'));
    socket.on('close', () => end('nobody'));
  });
}

/** Asked again until that is the answer: what passes may take its time on a busy machine, what is cut never does. */
async function says(node: Node, line: string, answer: string): Promise<void> {
  let said = '';
  await until(async () => (said = await ask(node, line)).includes(answer)).catch(() => {
    throw new Error(`${node.name}: ${line}: ${said}, where it should be ${answer}`);
  });
}

async function answering(node: Node): Promise<void> {
  for (const port of ['service', 'child'] as const) {
    await until(async () => (await ask(node, 'echo here', { port, waitMs: 1_000 })) === 'here');
  }
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('waited in vain');
}

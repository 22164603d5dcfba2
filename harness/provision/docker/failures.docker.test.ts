import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EnvironmentError, NodeError, type LabrysError } from '../../errors.ts';
import type { Blueprint, Cluster, Recipe } from '../../runtime.ts';
import { AgentRefusal } from '../agent.ts';
import { dockerRuntime } from '../docker.ts';
import { connect, type Engine } from './engine.ts';
import { findGround } from './ground.ts';
import { RUN } from './labels.ts';
import type { OpenNetwork } from './network.ts';
import { removeRun } from './remove.ts';

const { engine, unless } = await findGround();
const base = 'debian:bookworm-slim';

describe.skipIf(!engine)(`what can go wrong on an engine${unless}`, () => {
  const { docker, where } = engine ?? ({} as Engine); // Or every test is skipped.
  let folder: string;
  let run: string;
  let runs = 0;
  let said: Record<string, unknown>[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'labrys-failures-'));
    run = `failures-${process.pid}-${++runs}`;
    said = [];
  });
  afterEach(async () => {
    await removeRun(docker, run);
    await docker
      .getImage(`labrys-${run}`)
      .remove()
      .catch(() => undefined);
    rmSync(folder, { recursive: true });
  });

  test('an image that nobody has is named, with what to do', async () => {
    const failure = await refused({ command: ['true'], image: 'labrys.invalid/no-such-image:1' });
    expect(failure.message).toMatch(
      /^there is no image labrys.invalid\/no-such-image:1 here; it cannot be pulled \(/,
    );
    expect(failure.hint).toContain('check its name');
    expect(await left()).toEqual([]);
  });

  test('a recipe without an image says what docker needs', async () => {
    const failure = await refused({ command: ['true'] });
    expect(failure.message).toBe('the recipe of n1 names no image, and docker runs nothing else');
    expect(failure.exitCode).toBe(64);
  });

  test('an image that cannot be built shows the end of its build', async () => {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nRUN echo the flux is low && exit 4\n`);
    const failure = await refused(built());
    expect(failure.message).toContain(`image labrys-${run} cannot be built`);
    expect(failure.message).toContain('returned a non-zero code: 4');
    expect(failure.message).toContain('the flux is low');
    expect(await left()).toEqual([]);
  });

  test('an image is built again when its inputs change, and only then', async () => {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nCOPY word /word\n`);
    const word = async (): Promise<string> => {
      await using cluster = await provision(built());
      return (await cluster.nodes[0]?.exec?.(['cat', '/word']))?.stdout ?? '';
    };
    const builds = (): number =>
      said.filter(({ message }) => String(message).startsWith('building image')).length;
    writeFileSync(join(folder, 'word'), 'one');
    expect(await word()).toBe('one');
    const before = builds();
    expect(await word()).toBe('one');
    expect(builds()).toBe(before);
    writeFileSync(join(folder, 'word'), 'two');
    expect(await word()).toBe('two');
    expect(builds()).toBe(before + 1);
  });

  test('an interrupted build ends at once, and leaves no container', async () => {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${base}\nRUN echo ${run} && sleep 300\n`);
    const stop = new AbortController();
    const failure = provision(built(), {
      signal: stop.signal,
      listen: (line) => {
        if (String(line['line']).startsWith('Step 2'))
          setTimeout(() => stop.abort(new Error('interrupted')), 500);
      },
    });
    await expect(failure).rejects.toThrow('interrupted');
    expect(await left()).toEqual([]);
    await until(async () => {
      const all = await docker.listContainers({ all: true });
      return !all.some(({ Command }) => Command.includes(run));
    });
  });

  test('a node that ended is named, whatever else went wrong because it had', async () => {
    const open: OpenNetwork = async () => {
      // As when the agent finds no process to enter the namespace of.
      await docker.getContainer(`labrys-${run}-n1`).wait();
      throw new AgentRefusal('enter n1 /proc/1234567/ns/net: No such file or directory');
    };
    const failure = await refused(
      { image: base, command: ['sh', '-c', 'echo no good >&2; exit 3'] },
      { open },
    );
    expect(failure).toBeInstanceOf(NodeError);
    expect(failure).toMatchObject({ node: 'n1', lastLines: ['no good'] });
    expect(failure.message).toContain('exited with 3');
    expect(await left()).toEqual([]);
  });

  test('an engine that hangs is given up, and said to hang', async (context) => {
    context.skip(!where.startsWith('unix://'), 'the engine is not on a socket here');
    const through = await proxyTo(where.slice('unix://'.length), join(folder, 'docker.sock'));
    const socket = `unix://${join(folder, 'docker.sock')}`;
    const cluster = await atEngine(socket, () =>
      provision({ image: base, command: ['sleep', '600'] }, { find: () => connect(2_000) }),
    );
    through.hang();
    const failure = (await cluster.nodes[0]?.state().catch((error: unknown) => error)) as LabrysError;
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect(failure.message).toMatch(/^cannot look at n1: the docker engine has not answered .* for 2 s$/);
    expect(failure.hint).toContain('it hangs');
    await expect(cluster[Symbol.asyncDispose]()).rejects.toThrow(`cannot remove what run ${run} made`);
    through.close();
    expect(await left()).toContain(`/labrys-${run}-n1`);
  });

  test('an engine that goes away is said to have gone, and what it has is found later', async (context) => {
    context.skip(!where.startsWith('unix://'), 'the engine is not on a socket here');
    const through = await proxyTo(where.slice('unix://'.length), join(folder, 'docker.sock'));
    const cluster = await atEngine(`unix://${join(folder, 'docker.sock')}`, () =>
      provision({ image: base, command: ['sleep', '600'] }),
    );
    through.close();
    const failure = (await cluster.nodes[0]?.kill().catch((error: unknown) => error)) as LabrysError;
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect(failure.hint).toContain('the docker engine went away');
    await expect(cluster.network.setCuts([{ from: 'n1', to: 'n1' }])).rejects.toThrow('agent is gone');
    await expect(cluster[Symbol.asyncDispose]()).rejects.toThrow(`cannot remove what run ${run} made`);
    expect(await left()).toContain(`/labrys-${run}-n1`);
  });

  test('an engine that does not answer is named, with what to do instead', async () => {
    const failure = await atEngine(`unix://${join(folder, 'nobody.sock')}`, () =>
      refused({ image: base, command: ['true'] }),
    );
    expect(failure.message).toContain(`no docker engine answers (unix://${folder}/nobody.sock: `);
    expect(failure.hint).toContain('--runtime local');
  });

  const built = (): Recipe => ({
    image: `labrys-${run}`,
    build: { context: folder, bases: [base] },
    command: ['sleep', '600'],
  });

  function provision(
    recipe: Recipe,
    { signal = new AbortController().signal, listen = () => undefined, ...means }: Circumstances = {},
  ): Promise<Cluster> {
    return dockerRuntime(means).provision(
      {
        run,
        folder: join(folder, 'run'),
        nodes: ['n1'],
        ports: { service: 7000 },
        recipe: () => recipe,
        log: (line) => (said.push({ ...line }), listen(line)),
      },
      signal,
    );
  }

  async function refused(recipe: Recipe, circumstances?: Circumstances): Promise<LabrysError> {
    return (await provision(recipe, circumstances).then(
      () => expect.unreachable('it was provisioned'),
      (error: unknown) => error,
    )) as LabrysError;
  }

  async function left(): Promise<string[]> {
    const filters = { label: [`${RUN}=${run}`] };
    const containers = await docker.listContainers({ all: true, filters });
    const networks = await docker.listNetworks({ filters });
    return [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
  }
});

interface Circumstances {
  readonly signal?: AbortSignal;
  readonly listen?: Blueprint['log'];
  readonly open?: OpenNetwork;
  readonly find?: () => Promise<Engine>;
}

/** Does it while this is the engine that DOCKER_HOST names. */
async function atEngine<T>(where: string, act: () => Promise<T>): Promise<T> {
  const before = process.env['DOCKER_HOST'];
  try {
    process.env['DOCKER_HOST'] = where;
    return await act();
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
}

/** A way to the engine that can be taken away, or come to a stop. */
async function proxyTo(socketPath: string, path: string): Promise<{ hang(): void; close(): void }> {
  const open = new Set<Socket>();
  let hangs = false;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (hangs) return void open.add(near.on('error', () => undefined));
    const far = dial({ path: socketPath, allowHalfOpen: true });
    for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    hang: () => {
      hangs = true;
      for (const socket of open) socket.unpipe().pause();
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
}

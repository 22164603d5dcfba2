import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EnvironmentError } from '../../errors.ts';
import { dockerRuntime } from '../docker.ts';
import { settled, withPatience } from './patience.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labrys-patience-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an engine that accepts a call and never answers it is given up, and named with what it was asked', async () => {
  await using engine = await engineThat(() => undefined, 200);
  const failure = await engine.docker.listContainers({ all: true }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EnvironmentError);
  expect((failure as EnvironmentError).message).toBe(
    'the docker engine has not answered /containers/json for 0.2 s',
  );
  expect((failure as EnvironmentError).hint).toContain('it hangs');
});

test('an engine that begins an answer may take its time to end it', async () => {
  await using engine = await engineThat((_, response) => {
    response.writeHead(200);
    response.write('begun, ');
    setTimeout(() => response.end('ended'), 2 * patienceMs);
  });
  const stream = await engine.docker.getContainer('n1').getArchive({ path: '/' });
  let said = '';
  for await (const chunk of stream) said += String(chunk);
  expect(said).toBe('begun, ended');
});

test('whoever brings a signal of its own is left alone', async () => {
  await using engine = await engineThat(
    (_, response) => void setTimeout(() => response.end('{}'), 2 * patienceMs),
  );
  const stop = new AbortController();
  await expect(engine.docker.pull('x', { abortSignal: stop.signal })).resolves.toBeDefined();
});

test('an engine that comes back answers again', async () => {
  let hangs = true;
  await using engine = await engineThat((_, response) => (hangs ? undefined : response.end('[]')));
  await expect(engine.docker.listContainers()).rejects.toThrow('has not answered');
  hangs = false;
  await expect(engine.docker.listContainers()).resolves.toEqual([]);
});

test('a run on an engine that greets and then hangs could not run, and says what was asked last', async () => {
  await using engine = await engineThat(() => undefined, 200);
  const found = { docker: engine.docker, where: 'unix:///engine.sock', host: '127.0.0.1' };
  const said: unknown[] = [];
  const failure = await dockerRuntime({ find: async () => found })
    .provision(
      {
        run: 'hangs',
        folder,
        nodes: ['n1'],
        ports: {},
        recipe: () => ({ command: ['true'], image: 'any' }),
        log: (line) => said.push(line),
      },
      new AbortController().signal,
    )
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EnvironmentError);
  expect(failure).toMatchObject({
    exitCode: 3,
    message: 'cannot list the engine’s networks: the docker engine has not answered /networks for 0.2 s',
    hint: expect.stringContaining('it hangs'),
  });
  expect(said).toContainEqual(expect.objectContaining({ message: 'clean-up failed' }));
});

test('what fails is as settled as what succeeds, and what does neither is waited for no longer than asked', async () => {
  await expect(settled(Promise.reject(new Error('no')), 60_000)).resolves.toBeUndefined();
  await expect(settled(Promise.resolve(), 60_000)).resolves.toBeUndefined();
  await expect(settled(new Promise(() => {}), 1)).resolves.toBeUndefined();
});

/** Long enough for a busy machine to answer, where it means to. */
const patienceMs = 1_000;

/** A small engine on a socket of its own. */
async function engineThat(
  answers: RequestListener,
  givenMs: number = patienceMs,
): Promise<AsyncDisposable & { readonly docker: Dockerode }> {
  const server = createServer(answers);
  const socketPath = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    docker: withPatience(new Dockerode({ socketPath }), givenMs),
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

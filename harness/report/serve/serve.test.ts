import { cp, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from '../golden/parse.ts';
import { goldenRuns, writeGolden, type GoldenName } from '../golden/runs.ts';
import { renderRun } from '../report.ts';
import { serveResults } from './server.ts';

/** Results with these runs in them, and a server of theirs. */
async function served(...names: readonly GoldenName[]) {
  const results = await mkdtempDisposable(join(tmpdir(), 'labrys-serve-'));
  for (const name of names) {
    await using run = await writeGolden(goldenRuns[name]());
    await renderRun(run.path);
    await cp(run.path, join(results.path, name), { recursive: true });
  }
  const server = await serveResults(results.path, 0);
  return {
    path: results.path,
    get: (path: string, options: RequestInit = {}) => fetch(new URL(path, server.url), options),
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await results[Symbol.asyncDispose]();
    },
  };
}

/** As `fetch` cannot: with a path, a method and a host of one's own. */
function raw(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('all results, a run’s report, its files, and two runs side by side', async () => {
  await using server = await served('staleRead', 'pass');
  expect(textOf(await (await server.get('/')).text())).toContain('1 new violation');
  const report = await server.get('/staleRead/');
  expect(report.headers.get('content-type')).toMatch('text/html');
  expect(textOf(await report.text())).toContain('Client 5 read x246');
  const history = await server.get('/staleRead/history.jsonl');
  expect(history.headers.get('content-type')).toMatch('text/plain');
  expect(await history.text()).toMatch(/^\{"index":0,/);
  expect(textOf(await (await server.get('/compare/pass/staleRead')).text())).toContain('What differs');
});

test('a run that has no verdict yet is shown as far as it is, and asked for again', async () => {
  await using server = await served();
  const { plan, events } = goldenRuns.pass();
  const folder = join(server.path, 'now');
  await mkdir(folder);
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
  const lines = events.slice(0, 4000).map((event) => JSON.stringify(event));
  await writeFile(join(folder, 'history.jsonl'), `${lines.join('\n')}\n{"index":40`);
  const page = await (await server.get('/now/index.html')).text();
  expect(page).toContain('http-equiv="refresh"');
  expect(textOf(page)).toMatch(/toykv · register: [\d.]+ s under way/);
  expect(textOf(page)).toContain('It has no verdict yet');
  const all = await (await server.get('/')).text();
  expect(all).toContain('href="./now/index.html"');
});

test('nothing outside of the results is served, and no data is served as a page', async () => {
  await using server = await served('pass');
  const data = join(server.path, 'pass', 'nodes', 'n1', 'data');
  await mkdir(data, { recursive: true });
  await writeFile(join(data, 'index.html'), '<script>alert(1)</script>');
  await symlink('/etc/passwd', join(data, 'passwd'));
  const page = await server.get('/pass/nodes/n1/data/index.html');
  expect(page.headers.get('content-type')).toMatch('text/plain');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await server.get('/pass/nodes/n1/data/passwd')).status).toBe(404);
  for (const path of ['/../../etc/passwd', '/pass/..%2f..%2fetc/passwd', '/.hidden', '/no-such-run/'])
    expect(await raw(server.url, path)).toBe(404);
});

test('it answers to its own name alone, and only to questions', async () => {
  await using server = await served('pass');
  expect(await raw(server.url, '/', { host: 'evil.example' })).toBe(421);
  expect(await raw(server.url, '/', {}, 'POST')).toBe(405);
  expect(await raw(server.url, '/', {}, 'HEAD')).toBe(200);
});

test('a port that is taken is said, with what to do', async () => {
  await using server = await served();
  await expect(serveResults(server.path, Number(new URL(server.url).port))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('cannot be used') as string,
    hint: expect.stringContaining('--port') as string,
  });
});

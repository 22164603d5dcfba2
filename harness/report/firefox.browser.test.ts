import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandPath } from '../provision/command-path.ts';
import { goldenRuns, writeGolden } from './golden/runs.ts';
import { renderRun } from './report.ts';

const firefox = process.env['LABRYS_FIREFOX'] ?? commandPath('firefox-esr') ?? commandPath('firefox');
const why =
  firefox === undefined ? ' (skipped: there is no firefox-esr here; LABRYS_FIREFOX names another)' : '';

/** Asks the server for a picture named after what the page has come to, and keeps the page from being loaded until then. */
const reporter = `<script>
const tell = (what) => { new Image().src = '/told?' + encodeURIComponent(what); };
addEventListener('error', (event) => tell('error: ' + event.message));
const wait = () => document.querySelector('#explorer[data-ready]')
  ? tell([document.querySelector('h1').innerText, document.querySelectorAll('#why svg .op').length,
      document.querySelector('#explorer canvas').height > 300, document.querySelector('#explorer .bar .mono').innerText].join('|'))
  : setTimeout(wait, 50);
wait();
</script>`;

test.skipIf(firefox === undefined)(`the page and its explorer come up in Firefox${why}`, async () => {
  await using run = await writeGolden(goldenRuns.staleRead());
  await using profile = await mkdtempDisposable(join(tmpdir(), 'labrys-firefox-'));
  const page = (await readFile(await renderRun(run.path), 'utf8'))
    .replace(/<meta\s+http-equiv="content-security-policy"[^>]*>/i, '')
    .replace('</body>', `${reporter}</body>`);
  const told = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/told') told.resolve(decodeURIComponent(search.slice(1)));
    response.setHeader('content-type', 'text/html').end(pathname === '/' ? page : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = spawn(firefox as string, ['--headless', '--no-remote', '--profile', profile.path, url], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile.path },
  });
  try {
    browser.on('exit', (code) => told.reject(new Error(`Firefox ended with ${code}`)));
    const [sentence, drawn, high, view] = (await told.promise).split('|');
    expect(sentence?.replace(/\s+/g, ' ')).toContain('Client 5 read x246 at 12.343 s and got 14');
    expect([Number(drawn), high]).toEqual([6, 'true']);
    expect(view).toMatch(/^0\.000 s – 50\.\d+ s/);
  } finally {
    browser.removeAllListeners('exit');
    const ended = once(browser, 'exit');
    browser.kill('SIGKILL');
    await ended;
    server.close();
    server.closeAllConnections();
  }
});

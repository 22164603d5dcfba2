import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'knossos-js-alone-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const project = join(scratch, 'project');
const packageFolder = join(import.meta.dirname, '..');

/** Without what npm tells its scripts, which would have Node look for the sources that no package holds. */
const env = { PATH: process.env['PATH'], HOME: scratch };

function run(command: string, args: readonly string[], cwd = project): string {
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "alone", "private": true, "type": "module" }');
  run('npm', ['pack', '--silent', '--pack-destination', scratch], packageFolder);
  const [packed] = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', join(scratch, String(packed))]);
});

const PROGRAM = `import { linearizable, register, tabulate, verify } from 'knossos-js';
const { history } = tabulate([
  { index: 0, time: 0, process: 0, type: 'invoke', f: 'write', value: 1 },
  { index: 1, time: 1, process: 0, type: 'ok', f: 'write' },
  { index: 2, time: 2, process: 1, type: 'invoke', f: 'read' },
  { index: 3, time: 3, process: 1, type: 'ok', f: 'read', value: null },
]);
const limits = { deadline: Infinity, now: () => performance.now(), memoryBytes: 1e9 };
const verdict = await linearizable(register).check(history as never, limits);
console.log(verdict.valid, verify(verdict, history as never) ?? 'proved');
`;

test('the package works alone in an empty project, on this Node and on the one of the machine', () => {
  writeFileSync(join(project, 'program.js'), PROGRAM.replaceAll(' as never', ''));
  const nodes = new Set([process.execPath, run('which', ['-a', 'node']).trim().split('\n').at(-1) as string]);
  for (const node of nodes) expect([node, run(node, ['program.js'])]).toEqual([node, 'false proved\n']);
});

test('its command judges a file', () => {
  writeFileSync(join(project, 'history.edn'), '{:process 0 :type :invoke :f :write :value 1}');
  expect(run('npx', ['--no-install', 'knossos-js', 'history.edn'])).toMatch(/^history\.edn: valid\n/);
});

test('its types say what it takes', () => {
  writeFileSync(join(project, 'program.ts'), PROGRAM);
  const tsc = join(packageFolder, '../node_modules/typescript/bin/tsc');
  const flags = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--types', ''];
  expect(run(process.execPath, [tsc, ...flags, 'program.ts'])).toBe('');
});

/** Where Debian puts it; another is named by LABRYS_CHROMIUM. */
const chromium = process.env['LABRYS_CHROMIUM'] ?? '/usr/bin/chromium';
const noChromium = existsSync(chromium) ? '' : ' (skipped: no Chromium; LABRYS_CHROMIUM may name one)';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

test.skipIf(noChromium)(`a page judges an array of operations with it${noChromium}`, async () => {
  const script = PROGRAM.replaceAll(' as never', '')
    .replace("'knossos-js'", "'./node_modules/knossos-js/dist/index.js'")
    .replace('console.log(', 'document.body.append([')
    .replace(/\);\n$/, "].join(' '));");
  writeFileSync(
    join(project, 'page.html'),
    `<!doctype html><body><script type="module">${script}</script></body>`,
  );
  const server = createServer((request, response) => {
    const file = join(project, normalize(new URL(request.url ?? '/', 'http://page').pathname));
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`;
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(scratch, 'chromium')}`,
    ];
    const { stdout } = await promisify(execFile)(
      chromium,
      [...flags, '--virtual-time-budget=30000', '--dump-dom', page],
      { env, timeout: 90_000 },
    );
    expect(stdout).toMatch(/<\/script>false proved<\/body>/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

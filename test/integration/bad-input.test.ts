import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../harness/record/result.ts';
import { labrys, scratch, start } from './labrys.ts';

/** What is typed wrongly, what it says, and what it exits with. */
const lines: readonly (readonly [argv: readonly string[], says: RegExp, code: number])[] = [
  [['test'], /missing required argument 'system'/, 64],
  [['tets'], /unknown command 'tets'\n.*Did you mean test/s, 64],
  [['test', 'rafft'], /there is no system called "rafft"\n.*etcd, .*raft/s, 64],
  [['test', './nothing.ts'], /\.\/nothing\.ts: no such file/, 64],
  [['test', 'raft', '-w', 'savings'], /there is no workload called "savings"\n.*register/s, 64],
  [['test', 'raft', '--nemesis', 'earthquake'], /there is no fault called "earthquake"\n.*partition/s, 64],
  [['test', 'raft', '--nemesis', 'kill:everyone'], /kill has no variant "everyone"\n.*leader/s, 64],
  [['test', 'raft', '--nemesis', 'kill:@primary'], /raft has no role "primary"\n.*@leader.*@follower/s, 64],
  [['test', 'nwr', '--nemesis', 'kill:@primary'], /nwr has no role "primary"\n.*tells of none/s, 64],
  [['test', 'raft', '--nemesis', 'clock:@leader'], /clock cannot be aimed at a role.*\n.*ahead/s, 64],
  [['test', 'raft', '--nemesis', 'membership'], /membership cannot be done to raft.*\n.*system\.ts/s, 64],
  [['test', 'raft', '--bug', 'typo'], /raft has no bug called "typo"\n.*stale-read/s, 64],
  [['test', 'raft', '--time', 'soon'], /--time soon: .*\n.*60s/s, 64],
  [['test', 'raft', '--rate', 'fast'], /--rate fast: .*max/s, 64],
  [['test', 'raft', '--nodes', '0'], /--nodes 0: should be a whole number from 1/, 64],
  [['test', 'raft', '--seed', '-3'], /--seed -3: should be a whole number/, 64],
  [['test', 'raft', '--option', 'reads'], /--option "reads": should be name=value/, 64],
  [['test', 'etcd', '--option', 'reads=never'], /option reads cannot be "never"\n.*serializable/s, 64],
  [['test', 'raft', '--runtime', 'moon'], /argument 'moon' is invalid.*docker/s, 64],
  [['test', 'etcd', '--runtime', 'sim'], /etcd cannot be simulated/, 3],
  [['test', 'raft', '--runtime', 'sim', '--results', '/proc/x'], /cannot be written.*\n.*--results DIR/s, 3],
  [['test', 'raft', '--runtime', 'ssh'], /no hosts are listed.*\n.*labrys\.config\.ts/s, 64],
  [['test', 'raft', '--runtime', 'docker', '--hosts', 'db1'], /--hosts goes with --runtime ssh/, 64],
  [['doctor', '--config', 'no-such-file'], /--config no-such-file: no such file/, 64],
  [['check', 'no-such-run'], /no-such-run: there is no such file, and no such run/, 64],
  [['check', 'docs'], /docs: .*plan\.json/s, 64],
  [['check', 'docs', '--level', 'serializable'], /--level: is for history files, and docs is none/, 64],
  [['check', 'package.json', '--level', 'x'], /--level x: expected one of .*serializable/s, 64],
  [['report', 'no-such-run'], /no-such-run: .*plan\.json/s, 64],
  [['serve', '--results', 'no-such-folder'], /no-such-folder: no such folder/, 64],
  [['serve', '--results', 'docs', '--port', 'x'], /--port x: should be a whole number/, 64],
  [['compare', 'no-such-run', 'other'], /no-such-run: .*plan\.json/s, 64],
  [['export', 'no-such-run'], /no-such-run: .*plan\.json/s, 64],
  [['export', 'results', '--as', 'xml'], /argument 'xml' is invalid.*edn/s, 64],
  [['list', 'planets'], /there is no list of "planets"\n.*systems/s, 64],
];

describe('what is typed wrongly is said in words, with the exit code for it', () => {
  test.each(lines.map(([argv, says, code]) => ({ line: argv.join(' '), argv, says, code })))(
    'labrys $line',
    async ({ argv, says, code }) => {
      const runtime = argv[0] === 'test' && !argv.includes('--runtime') ? ['--runtime', 'docker'] : [];
      const { stderr, stdout, code: seen } = await labrys(...argv, ...runtime);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stdout).toBe('');
      expect(seen).toBe(code);
    },
  );
});

test('with --json, also what could not run is one object', async () => {
  const { stdout, code } = await labrys('test', 'raft', '--runtime', 'docker', '--bug', 'typo', '--json');
  expect(code).toBe(64);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'labrys/result@1',
    verdict: 'could-not-run',
    sentence: expect.stringMatching(/typo/),
  });
});

test('machines that are not listed are refused, and so are faults on those that are, until --yes is said', async () => {
  using folder = scratch();
  const config = join(folder.path, 'labrys.config.mjs');
  // Nobody is at that address: whoever asked anything of it would wait, and say so.
  writeFileSync(
    config,
    "export default { ssh: { hosts: ['root@192.0.2.1', { name: 'db2', host: '192.0.2.2' }] } };",
  );
  const asked = ['test', 'raft', '--runtime', 'ssh', '--config', config];
  const unlisted = await labrys(...asked, '--hosts', 'db2,db3');
  expect(unlisted.stderr).toMatch(/the host "db3" is not listed in the configuration\n.*192\.0\.2\.1, db2/);
  const unasked = await labrys(...asked, '--hosts', 'db2', '--nemesis', 'kill,partition:one');
  expect(unasked.stderr).toMatch(/kill,partition:one would be done to db2, as root\n.*--yes/);
  writeFileSync(config, "export default { ssh: { hosts: ['db1'], password: 'x' } };");
  const wrong = await labrys(...asked);
  expect(wrong.stderr).toMatch(/is not a configuration:\n  - ssh\.password: is not known/);
  expect([unlisted.code, unasked.code, wrong.code]).toEqual([64, 64, 64]);
});

test('an engine that accepts and never answers is given up in seconds, and could not run', async () => {
  using folder = scratch();
  const socket = join(folder.path, 'engine.sock');
  const held: Socket[] = [];
  const engine = createServer((client) => void held.push(client.on('error', () => undefined)));
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  try {
    const argv = ['test', 'raft', '--runtime', 'docker', '--json', '--results', folder.path];
    const { stdout, code } = await start(argv, { DOCKER_HOST: `unix://${socket}` }).finished;
    const { verdict, sentence } = JSON.parse(stdout) as Result;
    expect([code, verdict]).toEqual([3, 'could-not-run']);
    expect(sentence).toContain(`no docker engine answers (unix://${socket}: no answer in 5 s)`);
  } finally {
    for (const client of held) client.destroy();
    engine.close();
  }
});

test('an engine that greets and then fails keeps nothing else from being looked at', async () => {
  using folder = scratch();
  const socket = join(folder.path, 'engine.sock');
  const engine = createHttpServer((request, reply) => {
    reply.writeHead(request.url?.endsWith('/_ping') ? 200 : 500, { 'content-type': 'application/json' });
    reply.end('{"message":"out of order"}');
  });
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  try {
    const env = { DOCKER_HOST: `unix://${socket}` };
    const clean = await start(['clean'], env).finished;
    expect([clean.code, clean.stderr]).toEqual([
      3,
      expect.stringMatching(/what is left on docker: .*out of order/),
    ]);
    const { runtimes, unseen } = JSON.parse((await start(['doctor', '--json'], env).finished).stdout) as {
      runtimes: Record<string, unknown[]>;
      unseen: string[];
    };
    expect(runtimes['local']).not.toEqual([]);
    expect(unseen).toEqual([expect.stringMatching(/left on docker/)]);
  } finally {
    engine.close();
  }
});

test('a system file that leaves a timer running keeps nobody waiting', async () => {
  using folder = scratch();
  const file = join(folder.path, 'mine.ts');
  writeFileSync(file, 'setInterval(() => {}, 1000);\nexport default { name: "mine" };\n');
  expect((await labrys('test', file, '--runtime', 'docker')).code).toBe(64);
});

test('a malformed system file is told everything that is wrong with it at once', async () => {
  using folder = scratch();
  const file = join(folder.path, 'mine.ts');
  writeFileSync(
    file,
    `export default { name: 'My System', ports: { http: 99999 }, recipe: 'run.sh', ready: async () => {}, clients: [] };\n`,
  );
  const first = await labrys('test', file, '--runtime', 'docker');
  expect(first.stderr).toMatch(/recipe: is a string; it should be a function/);
  writeFileSync(
    file,
    `export default { name: 'My System', ports: { http: 99999 }, recipe: () => ({ command: ['true'] }), ready: async () => {}, clients: [] };\n`,
  );
  const { stderr, code } = await labrys('test', file, '--runtime', 'docker');
  expect(code).toBe(64);
  expect(stderr).toMatch(/name: "My System"/);
  expect(stderr).toMatch(/ports\.http: 99999/);
  expect(stderr).toMatch(/clients: is empty/);
});

test('a system file with a mistake in its code names the file and the mistake', async () => {
  using folder = scratch();
  const file = join(folder.path, 'mine.ts');
  writeFileSync(file, `import { nothing } from 'labrys/no-such-thing';\nexport default nothing;\n`);
  const { stderr, code } = await labrys('test', file, '--runtime', 'docker');
  expect([code, stderr]).toEqual([
    64,
    expect.stringMatching(/mine\.ts could not be loaded: .*no-such-thing/s),
  ]);
});

test('a folder that is not a run, and a plan that is not one, are told apart', async () => {
  using folder = scratch();
  mkdirSync(join(folder.path, 'run'));
  writeFileSync(join(folder.path, 'run', 'plan.json'), '{"format": "labrys/plan@9"}');
  writeFileSync(join(folder.path, 'run', 'history.jsonl'), '');
  const { stderr, code } = await labrys('check', join(folder.path, 'run'));
  expect([code, stderr]).toEqual([64, expect.stringMatching(/labrys\/plan@9.*another version/s)]);
});

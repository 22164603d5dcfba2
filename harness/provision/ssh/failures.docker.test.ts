import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SshConfig, SshHost } from '../../config.ts';
import { EnvironmentError } from '../../errors.ts';
import type { Cluster, Member, Node } from '../../runtime.ts';
import type { Engine } from '../docker/engine.ts';
import { findGround } from '../docker/ground.ts';
import { sshRuntime, sshUpkeep } from '../ssh.ts';
import { machines, type Machines } from './fixtures/machines.ts';
import { hostsOf, type Host } from './host.ts';
import { Machine } from './machine.ts';
import { hexOf, Stay } from './stay.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`ssh${unless}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'labrys-ssh-'));
  let ground: Machines;
  beforeAll(async () => {
    ground = await machines(engine as Engine, 2);
  });
  afterAll(async () => {
    await ground?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** The first machine, reached otherwise. */
  const first = (): SshHost => ground.config.hosts[0] as SshHost;
  const otherwise = (more: Partial<SshConfig>, host: Partial<SshHost> = {}): SshConfig => ({
    ...ground.config,
    ...more,
    hosts: [{ ...first(), ...host }],
  });
  const written = (name: string, text: string): string => {
    const path = join(scratch, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const quiet = (): Promise<string> =>
    ground.inside(0, ['sh', '-c', 'ls -A /var/tmp; nft list ruleset; pgrep -l "perl|sleep|labrys"']);

  test('a machine is not there', async () => {
    const failure = await refused(otherwise({}, { port: 1 }));
    expect(failure.message).toBe(
      `m1 (${first().host}:1) cannot be reached by ssh: nothing listens there (connection refused)`,
    );
    expect(failure.hint).toMatch(/Is it up/);
  });

  test('a machine refuses the key, and which was tried is said', async () => {
    const key = written('key', (await otherKey()).private);
    const failure = await refused(otherwise({ key }));
    expect(failure.message).toBe(`m1 (${first().host}:22) lets root not in: it refused ${key}`);
    expect(failure.hint).toMatch(/ssh-add/);
  });

  test('a key that cannot be read, or used, is named', async () => {
    expect((await refused(otherwise({ key: join(scratch, 'none') }))).message).toMatch(
      /the key for m1 cannot be read/,
    );
    const key = written('garbage', 'no key');
    expect((await refused(otherwise({ key }))).message).toContain(
      `${key} (not usable: it has a passphrase, or is no key)`,
    );
  });

  test('a host key that nobody knows, or that has changed, is refused before anyone logs in', async () => {
    const nobody = await refused(otherwise({ knownHosts: written('nobody', '') }));
    expect(nobody.message).toMatch(/the host key of m1 .* is not known: it shows SHA256:\S+ \(ssh-ed25519\)/);
    const theirs = readFileSync(ground.knownHosts, 'utf8').trim().split('\n')[1] ?? '';
    const changed = written('changed', theirs.replace(/^\S+/, first().host));
    const failure = await refused(otherwise({ knownHosts: changed, key: join(scratch, 'key') }));
    expect(failure.message).toMatch(
      /the host key of m1 .* has changed: it shows SHA256:\S+ .*, and \S+:1 has SHA256:\S+/,
    );
    expect(failure.hint).toContain(`ssh-keygen -R '${first().host}' -f ${changed}`);
  });

  test('a fingerprint in the configuration is enough, and nothing else is', async () => {
    const knownHosts = written('nobody', '');
    const shown = /SHA256:\S+/.exec((await refused(otherwise({ knownHosts }))).message)?.[0] ?? '';
    await using machine = new Machine(only(otherwise({ knownHosts }, { fingerprint: shown })));
    expect(await machine.read(['echo', 'here'])).toBe('here\n');
    const failure = await refused(otherwise({}, { fingerprint: shown.replace(/.$/, '?') }));
    expect(failure.message).toMatch(/is not the one in the configuration/);
  });

  test('who may not become root is told how to', async () => {
    const failure = await refused(otherwise({ user: 'guest' }));
    expect(failure.message).toMatch(/^guest may not become root on m1: sudo: .+/);
    expect(failure.hint).toContain('guest ALL=(ALL) NOPASSWD: ALL');
    expect(await quiet()).toBe(await quiet());
  });

  test('with sudo a node is its user’s, faults are root’s, and nothing of either is left', async () => {
    const before = await quiet();
    const cluster = await provision(otherwise({ user: 'operator1' }), ['sleep', '1000']);
    const [node] = cluster.nodes as [Node];
    expect(await node.exec?.(['id', '-un'])).toMatchObject({ stdout: 'operator1\n' });
    expect(await ground.inside(0, ['ps', '-o', 'user=', '-C', 'sleep'])).toMatch(/^operato/);
    await cluster.network.setCuts([{ from: 'clients', to: 'n1' }]);
    expect(await cluster.network.probe([{ from: 'clients', to: 'n1' }])).toEqual([false]);
    await node.clock?.set('wall', { aheadMs: 3_600_000 });
    expect((await node.clock?.read())?.[0]?.wall.aheadMs).toBeCloseTo(3_600_000, -1);
    await cluster[Symbol.asyncDispose]();
    expect(await quiet()).toBe(before);
  });

  test('a machine has one run at a time', async () => {
    await using _cluster = await provision(otherwise({}), ['sleep', '1000']);
    await expect(provision(otherwise({}), ['sleep', '1000'])).rejects.toThrow(/^m1 is in use: run failures-/);
  });

  test('a connection that breaks is made again, and nothing is lost or done twice', async () => {
    await using cluster = await provision(otherwise({}), ['sh', '-c', 'echo started; exec sleep 1000']);
    const [node] = cluster.nodes as [Node];
    await node.kill();
    const session = (): Promise<string> => ground.inside(0, ['pgrep', '-f', '^sshd: root']);
    const before = await session();
    const starting = node.start();
    await ground.inside(0, ['pkill', '-f', '^sshd: root']);
    await starting;
    await cluster.network.setCuts([{ from: 'n1', to: 'clients' }]);
    await ground.inside(0, ['pkill', '-f', '^sshd: root']);
    expect(await node.state()).toBe('running');
    expect(await cluster.network.probe([{ from: 'n1', to: 'clients' }])).toEqual([false]);
    expect(await session()).not.toBe(before);
    await expect.poll(() => node.lastLines(), { timeout: 10_000 }).toEqual(['started', 'started']);
  });

  test('a machine behind another is reached through it, clients come from there, and what a recipe brings is there', async () => {
    const before = await quiet();
    const [, jump] = ground.config.hosts as SshHost[];
    const config = otherwise({}, { jump: jump as SshHost });
    const cluster = await provision(config, (self) => ['perl', `${self.brought}/service.pl`], {
      service: 7300,
    });
    const [node] = cluster.nodes as [Node];
    expect(node.address('service')).toMatch(/^127\.0\.0\.1:/);
    const sees = (): Promise<string> => heard(node.address('service'));
    await expect.poll(sees).toBe((jump as SshHost).host);
    const links = [
      { from: 'clients', to: 'n1' },
      { from: 'n1', to: 'clients' },
    ];
    expect(await cluster.network.probe(links)).toEqual([true, true]);
    await cluster.network.setCuts(links.slice(0, 1));
    expect(await cluster.network.probe(links)).toEqual([false, true]);
    expect(await sees()).toBe('nothing');
    await cluster[Symbol.asyncDispose]();
    expect(await quiet()).toBe(before);
    expect(await ground.inside(1, ['sh', '-c', 'ls -A /tmp; pgrep perl'])).not.toMatch(/labrys|\d/);
  });

  test('a keeper that hears of nobody puts its machine right by itself', async () => {
    const before = await quiet();
    const machine = new Machine(only(otherwise({})));
    const { agent } = await Stay.begin(machine, 'left', 1_000);
    await agent.ask('node-start', hexOf(['sleep', '1000']), hexOf(['PATH=/usr/bin:/bin']));
    await agent.ask('nft', 'add table inet labrys');
    expect(await quiet()).toMatch(/labrys[^]*table inet labrys[^]*sleep/);
    await machine[Symbol.asyncDispose]();
    await expect.poll(quiet, { timeout: 20_000 }).toBe(before);
  });

  test('what is left when harness and keeper are both killed is found, refused to the next run, and removed', async () => {
    const before = await quiet();
    const harness = spawn(process.execPath, ['-e', aHarness(otherwise({}), scratch)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: scratch },
    });
    await once(harness.stdout, 'data');
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    await ground.inside(0, ['pkill', '-KILL', '-f', '^labrys keeper']);
    await expect.poll(quiet).toMatch(/labrys[^]*table inet labrys[^]*sleep/);
    await expect(provision(otherwise({}), ['true'])).rejects.toThrow(
      /m1 still has what run killed left in .var.tmp.labrys/,
    );
    const shelf = process.env['TMPDIR'];
    process.env['TMPDIR'] = scratch;
    try {
      const left = await sshUpkeep(undefined).leftovers();
      expect(left).toMatchObject([{ what: 'run killed on m1', run: 'killed', inUse: false }]);
      for (const one of left) await one.remove();
      for (const one of left) await one.remove();
      expect(await sshUpkeep(undefined).leftovers()).toEqual([]);
    } finally {
      if (shelf === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = shelf;
    }
    expect(await quiet()).toBe(before);
  });

  test('what a machine can do is tried out, and what is wrong with another is said beside it', async () => {
    const [, second] = ground.config.hosts as SshHost[];
    const config = { ...ground.config, hosts: [first(), { ...second, port: 1 } as SshHost] };
    const said = await sshUpkeep(config).diagnose();
    expect(said.map(({ what, works }) => `${what}: ${works}`)).toEqual([
      'm1: true',
      'cutting links of m1: true',
      'shaping links of m1: true',
      'skewing clocks on m1: true',
      'm2: false',
    ]);
    expect(said.at(-1)?.detail).toMatch(/cannot be reached by ssh/);
    expect((await sshUpkeep(undefined).diagnose())[0]).toMatchObject({ works: false });
  });

  function provision(
    config: SshConfig,
    command: readonly string[] | ((self: Member) => readonly string[]),
    ports: Readonly<Record<string, number>> = {},
  ): Promise<Cluster> {
    const run = `failures-${process.pid}`;
    return sshRuntime(config).provision(
      {
        run,
        folder: join(scratch, 'run'),
        nodes: ['n1'],
        ports,
        recipe: (self) =>
          typeof command === 'function'
            ? { command: command(self), bring: { 'service.pl': written('service.pl', aService) } }
            : { command },
        log: () => {},
      },
      new AbortController().signal,
    );
  }

  async function refused(config: SshConfig): Promise<EnvironmentError> {
    const failure: unknown = await provision(config, ['true']).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(EnvironmentError);
    return failure as EnvironmentError;
  }
});

/** Tells whoever calls where from. */
const aService = `
  use Socket; socket(my $it, PF_INET, SOCK_STREAM, 0); setsockopt($it, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($it, pack_sockaddr_in(7300, INADDR_ANY)) && listen($it, 8) or die $!;
  while (my $who = accept(my $call, $it)) { syswrite $call, inet_ntoa((unpack_sockaddr_in($who))[1]); close $call }`;

/** What a service says at once, in a second. */
function heard(address: string): Promise<string> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const end = (said: string): void => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(1000, () => end('nothing'));
    socket.once('data', (said) => end(String(said)));
    socket.once('error', () => end('nobody'));
    socket.once('close', () => end('nobody'));
  });
}

const only = (config: SshConfig): Host => hostsOf(config)[0] as Host;

async function otherKey(): Promise<{ private: string }> {
  const { utils } = (await import('ssh2')).default;
  return utils.generateKeyPairSync('ed25519');
}

/** A program that brings a node up, cuts it off, and then does nothing. */
function aHarness(config: SshConfig, scratch: string): string {
  const runtime = JSON.stringify(new URL('../ssh.ts', import.meta.url).href);
  const plan = JSON.stringify({ run: 'killed', folder: join(scratch, 'killed'), nodes: ['n1'], ports: {} });
  return `import(${runtime}).then(async ({ sshRuntime }) => {
    const plan = { ...${plan}, recipe: () => ({ command: ['sleep', '1000'] }), log() {} };
    const cluster = await sshRuntime(${JSON.stringify(config)}).provision(plan, new AbortController().signal);
    await cluster.network.setCuts([{ from: 'clients', to: 'n1' }]);
    console.log('up');
  });`;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Blueprint, Cluster, Leftover, Node } from '../runtime.ts';
import { runtimeConformance } from './conformance.ts';
import { whyNoLabfs } from './disk/labfs.ts';
import { localRuntime, localUpkeep } from './local.ts';
import { unlessInside } from './ground.ts';

const scratch = mkdtempSync(join(tmpdir(), 'labrys-local-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(!unlessInside.here)(`local${unlessInside.because}`, () => {
  runtimeConformance('local', localRuntime, { inventory });

  test('a process that makes itself independent is still its node’s', async () => {
    const before = await inventory();
    await using cluster = await provision(['sh', '-c', 'setsid sleep 1000 & exec sleep 1000']);
    const [n1] = cluster.nodes as [Node];
    const started = (await inventory()).filter((line) => line.includes('sleep')).length;
    expect(started).toBe(2);
    await n1.kill();
    const left = (await inventory()).filter((line) => line.includes('sleep'));
    expect(left).toEqual(before.filter((line) => line.includes('sleep')));
  });

  test('a node whose first process is gone runs as long as it has another', async () => {
    await using cluster = await provision(['sh', '-c', 'sleep 1000 & echo left']);
    const [n1] = cluster.nodes as [Node];
    expect(await n1.state()).toBe('running');
    await n1.kill();
    expect(await n1.state()).toBe('dead');
  });

  test('a killed harness leaves its nodes’ data, which is found, told from what is in use, and removed', async () => {
    const harness = spawn(process.execPath, ['-e', aHarness('killed')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(harness.stdout, 'data');
    const inUse = await leftoversOf('killed');
    expect(inUse).toHaveLength(1);
    expect(inUse[0]).toMatchObject({ inUse: true });
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    const [left] = (await leftoversOf('killed')) as [Leftover];
    expect(left).toMatchObject({ inUse: false });
    expect(existsSync(join(scratch, 'killed/nodes/n1/data'))).toBe(true);
    await left.remove();
    expect(existsSync(join(scratch, 'killed/nodes/n1/data'))).toBe(false);
    expect(await leftoversOf('killed')).toEqual([]);
  });

  test('what this machine can do is tried out', async () => {
    expect(await localUpkeep.diagnose()).toEqual([
      expect.objectContaining({ what: 'namespaces for nodes', works: true }),
      expect.objectContaining({ what: 'cutting links', works: true }),
      expect.objectContaining({ what: 'shaping links', works: true }),
      expect.objectContaining({ what: 'skewing clocks', works: true }),
      expect.objectContaining({ what: 'disks that fail', works: (await whyNoLabfs()) === undefined }),
    ]);
  });
});

function provision(command: readonly string[], run = 'special'): Promise<Cluster> {
  return localRuntime().provision(blueprint(command, run), new AbortController().signal);
}

function blueprint(command: readonly string[], run: string): Blueprint {
  const recipe: Blueprint['recipe'] = () => ({ command });
  return { run, folder: join(scratch, run), nodes: ['n1'], ports: {}, recipe, log: () => undefined };
}

/** A program that brings a node up and then does nothing. */
function aHarness(run: string): string {
  const local = JSON.stringify(new URL('local.ts', import.meta.url).href);
  const plan = JSON.stringify({ run, folder: join(scratch, run), nodes: ['n1'], ports: {} });
  return `import(${local}).then(async ({ localRuntime }) => {
    const plan = { ...${plan}, recipe: () => ({ command: ['sleep', '1000'] }), log() {} };
    await localRuntime().provision(plan, new AbortController().signal);
    console.log('up');
  });`;
}

async function leftoversOf(run: string): Promise<readonly Leftover[]> {
  return (await localUpkeep.leftovers()).filter((left) => left.run === run);
}

async function inventory(): Promise<readonly string[]> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const devices = readFileSync('/proc/net/dev', 'utf8').matchAll(/^\s*(\S+):/gm);
  const leftovers = await localUpkeep.leftovers();
  return [
    ...processes.map((pid) => `process ${pid} ${commandOf(pid)}`),
    ...[...devices].map(([, name]) => `device ${name}`),
    ...leftovers.map(({ what }) => what),
  ];
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone';
  }
}

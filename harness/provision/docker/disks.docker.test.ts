import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node, NodeDisk } from '../../runtime.ts';
import { dockerRuntime } from '../docker.ts';

import { whyNoDisks } from './disks.ts';

import { findGround } from './ground.ts';
import { dockerUpkeep } from './upkeep.ts';

const { engine, unless: noEngine } = await findGround();
const lack = engine && (await whyNoDisks(engine));
const unless =
  noEngine || (lack === undefined ? '' : ` (skipped: no disks that fail on this engine: ${lack})`);

describe.skipIf(unless !== '')(`disks of containers that can fail${unless}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-disks-'));
  const run = `disks-${process.pid}`;
  let cluster: Cluster;
  const n1 = (): Node & { readonly disk: NodeDisk } => cluster.nodes[0] as Node & { disk: NodeDisk };
  const says = async (script: string): Promise<string> =>
    (await n1().exec?.(['sh', '-c', script]))?.stdout.trim() ?? '';

  beforeAll(async () => {
    cluster = await dockerRuntime().provision(
      {
        run,
        folder,
        nodes: ['n1', 'n2'],
        failingDisks: true,
        ports: {},
        recipe: () => ({
          image: 'debian:bookworm-slim',
          command: ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', 'sleep', '100000'],
          files: { 'conf/settings': 'all of them' },
        }),
        log: () => {},
      },
      new AbortController().signal,
    );
  });
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test('a node finds its files on it, sees nothing beside them, and cannot tell it from another', async () => {
    expect(await says('ls -A; cat conf/settings')).toBe('conf\nall of them');
    const asUser = 'setpriv --reuid=1000 --regid=1000 --clear-groups sh -c';
    await says(`${asUser} 'echo mine > file; mkdir folder; ln -s file link; mkfifo pipe; chmod 600 file'`);
    expect(await says(`stat -c '%n %u %F' file folder link pipe`)).toBe(
      'file 1000 regular file\nfolder 1000 directory\nlink 1000 symbolic link\npipe 1000 fifo',
    );
    await says('rm -r file folder link pipe');
  });

  test('what it wrote survives kill -9, and of that a power failure leaves what was synced', async () => {
    await says('echo synced > a; sync a; echo not > b');
    await n1().kill();
    await n1().start();
    expect(await says('cat a b')).toBe('synced\nnot');
    await n1().kill();
    const { lost } = await n1().disk.crash({ pages: 0, names: 1 });
    expect(lost).toBeGreaterThan(0);
    await n1().start();
    expect(await says('cat a b')).toBe('synced');
    // What was laid there for it is, and was never the node's to sync.
    expect(await says('cat conf/settings')).toBe('all of them');
  });

  test('its trouble is its own, and is felt inside', async () => {
    await n1().disk.trouble('write', { error: 'ENOSPC' });
    expect(await says('echo more > c || true; ls c || true')).toBe('');
    expect(await cluster.nodes[1]?.disk?.try('write')).not.toHaveProperty('error');
    await n1().disk.trouble('write', {});
    expect(await says('echo more > c; cat c; rm c')).toBe('more');
  });

  test('its data is kept where that is asked', async () => {
    await says('echo kept > kept; sync kept');
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    expect(await cluster.keepData?.()).toEqual([]);
    expect(readFileSync(join(folder, 'nodes/n1/data/kept'), 'utf8')).toBe('kept\n');
    await Promise.all(cluster.nodes.map((node) => node.start()));
  });

  test('when the run is over, neither a volume nor a mount is left', async () => {
    const mounted = (): string[] =>
      readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(`labrys-${run}/`));
    const [before] = [mounted()];
    await cluster[Symbol.asyncDispose]();
    expect((await dockerUpkeep.leftovers()).filter((one) => one.run === run)).toEqual([]);
    // Only where the engine is in our own mount namespace could they be seen.
    expect([0, 2]).toContain(before.length);
    expect(mounted()).toEqual([]);
    expect(existsSync(join(folder, 'nodes/n1/data/kept'))).toBe(true);
  });
});

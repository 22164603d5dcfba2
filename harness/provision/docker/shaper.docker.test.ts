import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Link, Network, Node, Row } from '../../runtime.ts';
import { tryShaper } from '../local-shaper.ts';
import { dockerRuntime } from '../docker.ts';
import { buildProgram } from './beside.ts';
import type { Engine } from './engine.ts';
import { findGround } from './ground.ts';
import { withAgent } from './scratch.ts';
import { startShaper } from './shaper.ts';

const { engine, unless } = await findGround();
const there: Link = { from: 'n1', to: 'n2' };
const back: Link = { from: 'n2', to: 'n1' };
const row: Row = { count: 50, everyMs: 1, bytes: 200, waitMs: 1000 };

describe.skipIf(!engine)(`shaping links between containers${unless}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-shaper-'));
  let cluster: Cluster;
  let network: Required<Network>;
  const n1 = (): Node => cluster.nodes[0] as Node;

  beforeAll(async () => {
    cluster = await dockerRuntime().provision(
      {
        run: `shaper-${process.pid}`,
        folder,
        nodes: ['n1', 'n2'],
        ports: {},
        recipe: () => ({ image: 'debian:bookworm-slim', command: ['sleep', '100000'] }),
        log: () => {},
      },
      new AbortController().signal,
    );
    network = cluster.network as Required<Network>;
  });
  afterEach(() => network.setShaping([]));
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test('a delay is as long as asked, one way, and ends', async () => {
    await network.setShaping([{ ...there, delayMs: 60 }]);
    const [asked, other] = await Promise.all([network.measure(there, row), network.measure(back, row)]);
    expect(asked.arrived).toBe(row.count);
    expect(Math.min(...asked.delaysMs)).toBeGreaterThanOrEqual(60);
    expect(Math.min(...other.delaysMs)).toBeLessThan(60);
    await network.setShaping([]);
    expect(Math.min(...(await network.measure(there, row)).delaysMs)).toBeLessThan(60);
  });

  test('a node that restarts is still behind the same links, and others too', async () => {
    await network.setShaping([
      { ...there, loss: 1 },
      { ...back, loss: 1 },
    ]);
    await n1().kill();
    expect(await network.measure(there, row)).toMatchObject({ arrived: 0 });
    await n1().start();
    expect(await network.probe([there, back])).toEqual([false, false]);
    await network.setShaping([{ ...back, loss: 1 }]);
    expect(await network.probe([there, back])).toEqual([true, false]);
  });

  test('what is shaped while a node is down holds when it is back', async () => {
    await n1().kill();
    await network.setShaping([{ ...there, loss: 1 }]);
    await n1().start();
    expect(await network.probe([there, back])).toEqual([false, true]);
  });

  test('a connection between containers is reset, and holds when that is over', async () => {
    await network.setShaping([{ ...there, reset: 0.2 }]);
    expect(await network.converse(there, 3000)).toBe('reset');
    await network.setShaping([]);
    expect(await network.converse(there, 100)).toBe('held');
  });

  /** It installs a compiler in an image. */
  const slow = process.env['LABRYS_SLOW'] === undefined ? ' (skipped: takes a minute; LABRYS_SLOW=1)' : '';
  test.skipIf(slow !== '')(
    `a shaper that was compiled in the engine works as one from here does${slow}`,
    async () => {
      await withAgent(engine as Engine, async (held) => {
        const [door = ''] = await held.agent.ask('hold', 'scratch');
        await using shaper = await startShaper(engine as Engine, held, () => {}, buildProgram);
        await expect(tryShaper(shaper, door)).resolves.toBeUndefined();
      });
    },
  );

  test('nodes have no IPv6, which would be a way around a cut', async () => {
    const { stdout } = (await n1().exec?.(['cat', '/proc/net/if_inet6'])) ?? { stdout: 'eth0' };
    expect(stdout).not.toContain('eth0');
  });
});

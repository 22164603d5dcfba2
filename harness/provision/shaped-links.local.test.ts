import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Link, Passage, Row, ShapedLink, Shaping } from '../runtime.ts';
import { startAgent, type LocalAgent } from './agent.ts';
import { unlessInside } from './ground.ts';
import { layNetwork, type LocalNetwork } from './local-network.ts';
import { localShaper, whyNoShaper } from './local-shaper.ts';
import { ShapedLinks } from './shaped-links.ts';

const lack = unlessInside.here ? await whyNoShaper() : undefined;
const unless = unlessInside.because || (lack === undefined ? '' : ` (skipped: no shaper here: ${lack})`);

const there = { from: 'n1', to: 'n2' } as const;
const back = { from: 'n2', to: 'n1' } as const;
const aside = { from: 'n1', to: 'n3' } as const;
const row: Row = { count: 400, everyMs: 0.5, bytes: 200, waitMs: 300 };
const carry = new URL('fixtures/carry.mjs', import.meta.url).pathname;
const hasIpv6 = existsSync('/proc/sys/net/ipv6');

/**
 * Shares are held to six standard deviations: on an honest shaper, one run in half a billion fails. Times are only ever
 * held to be as long as asked; how little longer is for a benchmark.
 */
const about = (share: number, count: number): readonly [number, number] => {
  const spread = 6 * Math.sqrt(share * (1 - share) * count);
  return [share * count - spread, share * count + spread];
};

describe.skipIf(unless !== '')(`links that are shaped${unless}`, () => {
  let helper: LocalAgent;
  let lan: LocalNetwork;
  let shaped: ShapedLinks;
  let shapers: LocalAgent[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    helper = await startAgent();
    lan = await layNetwork(helper.agent, ['n1', 'n2', 'n3']);
    shaped = new ShapedLinks({
      start: async () => {
        const shaper = await localShaper();
        shapers.push(shaper);
        return shaper;
      },
      door: async (name) => doorOf(name),
      hosts: (name) => lan.network.hosts(name),
    });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await shaped.set([]);
    await lan.network.setCuts([]);
  });
  afterAll(async () => {
    await shaped?.[Symbol.asyncDispose]();
    await lan?.[Symbol.asyncDispose]();
    await helper?.[Symbol.asyncDispose]();
  });

  test('a delay is as long as asked, one way, on that link alone', async () => {
    await shape({ delayMs: 50 });
    const [asked, ...others] = await Promise.all([measure(), measure(back), measure(aside)]);
    expect(asked.arrived).toBe(row.count);
    expect(asked.overtaken).toBe(0);
    expect(Math.min(...asked.delaysMs)).toBeGreaterThanOrEqual(50);
    for (const other of others) expect(Math.min(...other.delaysMs)).toBeLessThan(50);
  });

  test('jitter comes evenly on both sides of the delay, and overtakes', async () => {
    await shape({ delayMs: 50, jitterMs: 20 });
    const { arrived, overtaken, delaysMs } = await measure();
    expect(arrived).toBe(row.count);
    expect(overtaken).toBeGreaterThan(row.count / 10);
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(30);
    within(delaysMs.filter((ms) => ms < 45).length, [0, about(15 / 40, row.count)[1]]);
    expect(delaysMs.filter((ms) => ms < 50).length).toBeGreaterThan(row.count / 10);
  });

  test('the asked share is lost, and nothing of any other link', async () => {
    await shape({ loss: 0.3 });
    const [asked, other] = await Promise.all([measure(), measure(back)]);
    within(asked.arrived, about(0.7, row.count));
    expect(asked.altered + asked.again).toBe(0);
    expect(other.arrived).toBe(row.count);
  });

  test('the asked share comes twice', async () => {
    await shape({ duplicate: 0.4 });
    const { arrived, again } = await measure();
    expect(arrived).toBe(row.count);
    within(again, about(0.4, row.count));
  });

  test('the asked share is damaged, by one bit each', async () => {
    await shape({ corrupt: 0.3 });
    const { arrived, altered } = await measure();
    expect(arrived + altered).toBeLessThanOrEqual(row.count);
    within(arrived, about(0.7, row.count));
    // A few are lost instead: the flipped bit was in their ports, and leads them elsewhere.
    within(altered, [about(0.3 * 0.9, row.count)[0], about(0.3, row.count)[1]]);
  });

  test('the asked share overtakes', async () => {
    await shape({ delayMs: 40, reorder: 0.25 });
    const { arrived, delaysMs } = await measure();
    expect(arrived).toBe(row.count);
    within(delaysMs.filter((ms) => ms >= 40).length, [about(0.75, row.count)[0], row.count]);
    expect(delaysMs.filter((ms) => ms < 40).length).toBeGreaterThan(row.count / 20);
  });

  test('a limited link carries no faster than that, and loses what would have to wait for long', async () => {
    await shape({ bytesPerSecond: 100_000 });
    const began = performance.now();
    const burst = await measure(there, { count: 20, everyMs: 0, bytes: 1000, waitMs: 1000 });
    expect(burst.arrived).toBe(20);
    // The first has to be through before it arrives, too: 20 packets with their headers.
    expect(performance.now() - began).toBeGreaterThanOrEqual((20 * 1028) / 100);
    const flood = await measure(there, { count: 200, everyMs: 0, bytes: 1000, waitMs: 1000 });
    expect(flood.arrived).toBeLessThan(100);
  });

  test('a connection is reset for both ends, and the other way round it holds', async () => {
    await shape({ reset: 0.2 });
    expect(await lan.network.converse(there, 3000)).toBe('reset');
    await shaped.set([]);
    expect(await lan.network.converse(there, 100)).toBe('held');
  });

  test('a held link keeps what carries data, lets acknowledgements pass, and delivers all in order in the end', async () => {
    await shape({ hold: true });
    // What the other end sends is acknowledged over the held link.
    expect(await lan.network.converse(back, 100)).toBe('held');
    expect(await lan.network.converse(there, 100)).toBe('silent');
    let released = false;
    const measured = measure(there, { ...row, count: 50, waitMs: 3000 });
    const probed = await shaped.set([{ ...there, hold: true }]).then(() => lan.network.probe([there]));
    const release = shaped.set([]).then(() => (released = true));
    const { arrived, overtaken, again } = await measured;
    await release;
    expect({ probed, released, arrived, overtaken, again }).toEqual({
      probed: [false],
      released: true,
      arrived: 50,
      overtaken: 0,
      again: 0,
    });
  });

  test('what is under way when a link is shaped otherwise arrives then', async () => {
    await shape({ delayMs: 60_000 });
    const measured = measure(there, { count: 20, everyMs: 0, bytes: 200, waitMs: 5000 });
    // Carried out in order: the agent has sent them all when it answers this.
    await helper.agent.ask('probe', 0, 1, 'n3', 'n1', hostOf('n1'));
    await shaped.set([]);
    expect(await measured).toMatchObject({ arrived: 20, overtaken: 0 });
  });

  test('datagrams that are larger than a packet are late as a whole', async () => {
    await shape({ delayMs: 30 });
    const { arrived, delaysMs } = await measure(there, { count: 10, everyMs: 1, bytes: 8000, waitMs: 1000 });
    expect(arrived).toBe(10);
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(30);
  });

  test('a link that is cut carries nothing, however it is shaped', async () => {
    await shape({ duplicate: 1 });
    await lan.network.setCuts([there]);
    expect((await measure(there, { ...row, count: 20, waitMs: 50 })).arrived).toBe(0);
  });

  test('a shaper that is killed leaves links as they were, and another takes its place', async () => {
    await shape({ loss: 1 });
    expect((await measure(there, { ...row, count: 20, waitMs: 20 })).arrived).toBe(0);
    process.kill(shapers.at(-1)?.pid as number, 'SIGKILL');
    await expect.poll(() => lan.network.probe([there])).toEqual([true]);
    await shaped.set([]);
    await shape({ loss: 1 });
    expect(await lan.network.probe([there])).toEqual([false]);
    process.kill(shapers.at(-1)?.pid as number, 'SIGKILL');
    await expect.poll(() => shapers.at(-1)?.agent.gone).toBe(true);
    await shaped.set([]);
    expect(await lan.network.probe([there])).toEqual([true]);
    expect(await measure()).toMatchObject({ arrived: row.count });
  });

  test('what is not shaped never meets the shaper', async () => {
    await shape({ delayMs: 1 });
    const { agent } = shapers.at(-1) as LocalAgent;
    const seen = async (): Promise<number> => Number((await agent.ask('seen', 'n1'))[0]);
    const before = await seen();
    await measure(aside, { ...row, count: 20 });
    expect(await seen()).toBe(before);
    await measure(there, { ...row, count: 20 });
    expect((await seen()) - before).toBe(20);
  });

  test('what the shaper cannot do it refuses, and goes on', async () => {
    await shape({ delayMs: 1 });
    const { agent } = shapers.at(-1) as LocalAgent;
    await expect(agent.ask('dance')).rejects.toThrow('unknown command dance');
    await expect(agent.ask('shape', 'n1', '10.0.0.1', 'wobble=1')).rejects.toThrow(
      'cannot shape by wobble=1',
    );
    await expect(agent.ask('shape', 'n1', '10.0.0.1', 'loss=2')).rejects.toThrow('cannot shape by loss=2');
    await expect(agent.ask('shape', 'n1', 'nowhere', 'loss=1')).rejects.toThrow('no address: nowhere');
    await expect(agent.ask('shape', 'n9', '10.0.0.1', 'loss=1')).rejects.toThrow('no namespace n9');
    await expect(agent.ask('enter', 'n9', '/nowhere')).rejects.toThrow('/nowhere: No such file');
    expect(await lan.network.probe([there])).toEqual([true]);
  });

  test('all bytes of a connection come through bad weather as they were sent, over IPv4 and IPv6', async () => {
    await shape({ delayMs: 3, jitterMs: 3, loss: 0.02, duplicate: 0.05, corrupt: 0.02, reorder: 0.05 });
    const carried = await Promise.all(
      lan.network.hosts('n2').map(async (host) => {
        const server = await start('n2', 'serve', host);
        const sent = await start('n1', 'send', host, server.port, '300000').then(({ next }) => next());
        return { sent, came: await server.next() };
      }),
    );
    expect(carried.length).toBe(hasIpv6 ? 2 : 1);
    for (const { sent, came } of carried) expect(came).toBe(sent);
  });

  test('datagrams are as late over IPv6 as over IPv4, and connections too', async () => {
    await shape({ delayMs: 40 });
    for (const host of lan.network.hosts('n2')) {
      const server = await start('n2', 'listen', host);
      await start('n1', 'row', host, server.port, '20');
      for (let i = 0; i < 20; i++) expect(Number(await server.next())).toBeGreaterThanOrEqual(40);
      const stream = await start('n2', 'serve', host);
      const began = performance.now();
      await start('n1', 'send', host, stream.port, '1000').then(({ next }) => next());
      // What asks for the connection, what is sent on it, and what ends it.
      expect(performance.now() - began).toBeGreaterThanOrEqual(80);
    }
  });

  const shape = (how: Shaping): Promise<void> => shaped.set([{ ...there, ...how } satisfies ShapedLink]);
  const measure = (link: Link = there, how: Row = row): Promise<Passage> => lan.network.measure(link, how);
  const doorOf = (name: string): string => lan.attached.find((one) => one.name === name)?.door ?? '';
  const hostOf = (name: string): string => lan.network.hosts(name)[0];

  /** A child in a node's namespace; `next` is its next line. One that says where it listens is waited for. */
  async function start(name: string, ...words: readonly string[]) {
    const child = spawn('nsenter', [`--net=${doorOf(name)}`, process.execPath, carry, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => ((await lines.next()) as { value: string }).value;
    const listens = words[0] === 'serve' || words[0] === 'listen';
    return { next, port: listens ? ((await next()).split(' ')[1] ?? '') : '' };
  }
});

function within(value: number, [least, most]: readonly [number, number]): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, boolean, nat } from 'fast-check';
import { expect, test } from 'vitest';
import type { Blueprint, Cluster, Network, Node, Passage, Shaping } from '../../../harness/runtime.ts';
import type { Time } from '../../../harness/time.ts';
import parrot from '../fixtures/parrot.ts';
import type { Protocol } from '../kit.ts';
import { simulate } from './runtime.ts';

const never = new AbortController().signal;
const make = (parrot as unknown as Protocol)({ options: {}, bug: undefined });

/** Run `then` with three parrots, in calm weather. */
async function withParrots<T>(
  then: (cluster: Cluster, nodes: readonly [Node, Node, Node], time: Time) => Promise<T>,
  { seed = 1, folder = '', protocol = make } = {},
): Promise<T> {
  const sim = simulate(seed, protocol, { jitterMs: 0, lossFraction: 0, syncMs: 5 });
  const blueprint: Blueprint = {
    run: 'test',
    folder,
    nodes: ['n1', 'n2', 'n3'],
    ports: { client: 1, peer: 2 },
    recipe: () => expect.unreachable('nodes in a simulation are made of nothing'),
    log: () => {},
  };
  const { runtime, time } = sim;
  return sim.run(async () => {
    const cluster = await runtime.provision(blueprint, never);
    const result = await then(cluster, cluster.nodes as unknown as [Node, Node, Node], time);
    if (folder !== '') await cluster[Symbol.asyncDispose]();
    return result;
  });
}
const ask = (node: Node, f: string, value?: unknown, key = 'x'): Promise<unknown> =>
  node.ask?.(0, f, key, value, never) ?? expect.unreachable('a simulated node can be asked');
const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => JSON.stringify(value),
    (error: unknown) => String(error),
  );

test('a node that was killed is dead, refuses, and starts again with what it had synced', async () => {
  await withParrots(async (_, [n1]) => {
    await ask(n1, 'keep', 'synced');
    await n1.kill();
    expect(await n1.state()).toBe('dead');
    expect(await outcome(ask(n1, 'kept'))).toContain('n1 refused the connection');
    await n1.start();
    expect(await n1.state()).toBe('running');
    expect(await ask(n1, 'kept')).toEqual(['synced']);
  });
});

test('nothing reaches a node before its start is through: neither a client, nor a call, nor a datagram', async () => {
  const slow: typeof make = (host) => {
    let started = false;
    const seen: boolean[] = [];
    const see = (): void => void seen.push(started);
    return {
      start: async () => {
        host.cast('n1', 'see', null);
        void host.call('n1', 'see', null);
        await host.clock.sleep(host.id === 'n1' ? 80 : 1);
        started = true;
      },
      peer: { see },
      client: { started: () => started, seen: () => seen },
    };
  };
  await withParrots(
    async (_, [n1], time) => {
      expect(await ask(n1, 'started')).toBe(true);
      await time.sleep(100);
      // A call and a datagram of each of the three.
      expect(await ask(n1, 'seen')).toEqual(Array(6).fill(true));
    },
    { protocol: slow },
  );
});

test('of what was not synced, a crash leaves some prefix: sometimes all, sometimes nothing', async () => {
  const left = new Set<number>();
  for (let seed = 0; seed < 50; seed++)
    await withParrots(
      async (_, [n1]) => {
        for (let i = 0; i < 3; i++) await ask(n1, 'jot', i);
        await n1.kill();
        await n1.start();
        const kept = (await ask(n1, 'kept')) as number[];
        expect(kept).toEqual([0, 1, 2].slice(0, kept.length));
        left.add(kept.length);
      },
      { seed },
    );
  expect(left).toEqual(new Set([0, 1, 2, 3]));
});

test('what a node was doing when it was killed is never answered, and whoever waits is told that it died', async () => {
  await withParrots(async (_, [n1], time) => {
    const answer = outcome(ask(n1, 'keep', 'too late'));
    await time.sleep(3);
    await n1.kill();
    expect(await answer).toContain('n1 died');
  });
});

test('a node that is paused answers when it is resumed, and its timers are late', async () => {
  await withParrots(async (_, [n1], time) => {
    const waited = ask(n1, 'wait', 100).then(() => time.now() / 1e6);
    await time.sleep(10);
    await n1.pause();
    expect(await n1.state()).toBe('paused');
    const answered = ask(n1, 'kept').then(() => time.now() / 1e6);
    await time.sleep(1_000);
    await n1.resume();
    expect(await n1.state()).toBe('running');
    expect(await waited).toBeGreaterThan(1_010);
    expect(await answered).toBeGreaterThan(1_010);
  });
});

test('a cut takes one direction and no other, the probe knows, and the heal takes it back', async () => {
  const links = [
    { from: 'n1', to: 'n2' },
    { from: 'n2', to: 'n1' },
    { from: 'n1', to: 'n3' },
  ];
  await withParrots(async ({ network }, [n1, n2], time) => {
    await network.setCuts([{ from: 'n1', to: 'n2' }]);
    expect(await network.probe(links)).toEqual([false, true, true]);
    await ask(n1, 'tell', 'n2', 'over the cut');
    await ask(n2, 'tell', 'n1', 'the other way');
    await time.sleep(100);
    expect([await ask(n2, 'noted'), await ask(n1, 'noted')]).toEqual([[], ['the other way']]);
    expect(await outcome(ask(n1, 'ask', 'n2'))).toContain('no answer to echo');
    // An answer takes the way back.
    expect(await outcome(ask(n2, 'ask', 'n1'))).toContain('no answer to echo');
    expect(await ask(n1, 'ask', 'n3')).toMatchObject({ by: 'n3' });
    await network.setCuts([]);
    await time.sleep(1_000);
    expect(await network.probe(links)).toEqual([true, true, true]);
    expect(await ask(n1, 'ask', 'n2')).toMatchObject({ by: 'n2' });
  });
});

test('what is held arrives when it is let go, in order, though whoever asked has given up', async () => {
  await withParrots(async ({ network }, [n1, n2], time) => {
    await network.setShaping?.([{ from: 'n1', to: 'n2', hold: true }]);
    expect(await network.probe([{ from: 'n1', to: 'n2' }])).toEqual([false]);
    const asked = outcome(ask(n1, 'ask', 'n2'));
    for (const word of ['one', 'two', 'three']) await ask(n1, 'tell', 'n2', word);
    await time.sleep(2000);
    expect(await asked).toContain('no answer to echo');
    expect(await ask(n2, 'noted')).toEqual([]);
    await network.setShaping?.([]);
    await time.sleep(100);
    expect(await ask(n2, 'noted')).toEqual(['one', 'two', 'three']);
    expect(await ask(n1, 'ask', 'n2')).toMatchObject({ by: 'n2' });
  });
});

test('a link carries as it was told, which a row of datagrams and a connection show, and then as usual', async () => {
  const link = { from: 'n1', to: 'n2' };
  const row = { count: 400, everyMs: 1, bytes: 100, waitMs: 1000 };
  await withParrots(async ({ network }) => {
    const { setShaping, measure, converse } = network as Required<Network>;
    const usual = { sent: 400, arrived: 400, again: 0, altered: 0, overtaken: 0 };
    const shaped = async (shaping: Shaping): Promise<Passage> => {
      await setShaping([{ ...link, ...shaping }]);
      return await measure(link, row);
    };
    const slow = await shaped({ delayMs: 50, jitterMs: 10 });
    expect(slow).toMatchObject({ arrived: 400, again: 0 });
    expect(slow.overtaken).toBeGreaterThan(50);
    expect(Math.min(...slow.delaysMs)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...slow.delaysMs)).toBeLessThanOrEqual(60);
    const near = (count: number, share: number): void => {
      expect(count).toBeGreaterThan(400 * share - 80);
      expect(count).toBeLessThan(400 * share + 80);
    };
    near((await shaped({ loss: 0.5 })).arrived, 0.5);
    near((await shaped({ corrupt: 0.5 })).altered, 0.5);
    near((await shaped({ duplicate: 0.5 })).again, 0.5);
    near((await shaped({ reorder: 0.5, delayMs: 20 })).overtaken, 0.5);
    // 128 bytes every millisecond are twice what fits through: half of them are lost when half a second is full.
    const narrow = await shaped({ bytesPerSecond: 64_000 });
    expect(Math.max(...narrow.delaysMs)).toBeGreaterThan(300);
    expect((await shaped({ reset: 0.5 })).arrived).toBe(400);
    expect(await converse(link, 1000)).toBe('reset');
    expect(await converse({ from: 'n2', to: 'n1' }, 1000)).toBe('held');
    await network.setCuts([link]);
    expect([await converse(link, 1000), (await measure(link, row)).arrived]).toEqual(['silent', 0]);
    await network.setCuts([]);
    await setShaping([]);
    expect(await measure(link, row)).toMatchObject(usual);
    expect(await converse(link, 1000)).toBe('held');
  });
});

test('the cuts are those that were set last, whatever was set before', async () => {
  const all = [0, 1, 2].flatMap((a) =>
    [0, 1, 2].filter((b) => b !== a).map((b) => ({ from: `n${a + 1}`, to: `n${b + 1}` })),
  );
  await assert(
    asyncProperty(
      array(array(boolean(), { minLength: 6, maxLength: 6 }), { maxLength: 5 }),
      nat(),
      (rounds, seed) =>
        withParrots(
          async ({ network }) => {
            for (const cut of rounds) {
              await network.setCuts(all.filter((__, i) => cut[i]));
              expect(await network.probe(all)).toEqual(cut.map((it) => !it));
            }
          },
          { seed },
        ),
    ),
    { numRuns: 30 },
  );
});

test('whoever gives up waiting is released at once, with the reason of the signal', async () => {
  await withParrots(async (_, [n1], time) => {
    const patience = new AbortController();
    time.after(50, () => patience.abort(new Error('enough')));
    const answer = n1.ask?.(0, 'wait', 'x', 10_000, patience.signal);
    await expect(answer).rejects.toThrow('enough');
    expect(time.now() / 1e6).toBeCloseTo(50);
  });
});

test('what nodes said is found in the run’s folder, a mistake with where it was made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-sim-'));
  try {
    await withParrots((_, [n1]) => outcome(ask(n1, 'blunder')), { folder });
    const log = readFileSync(join(folder, 'nodes', 'n1', 'stdout.log'), 'utf8');
    expect(JSON.parse(log.split('\n')[0] ?? '')).toMatchObject({ node: 'n1', role: 'parrot', term: 0 });
    expect(log).toMatch(/TypeError: a blunder.*parrot\.ts/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

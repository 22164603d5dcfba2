import { expect, test } from 'vitest';
import parrot from '../fixtures/parrot.ts';
import type { MakeNode, Messages, Protocol } from '../kit.ts';
import { drain } from './drain.ts';
import { runIn, type Draining } from './loop.ts';
import { timeOf } from './time.ts';
import { Timeline } from './timeline.ts';
import { World } from './world.ts';

const make = (parrot as unknown as Protocol)({ options: {}, bug: undefined });
const names = ['n1', 'n2', 'n3'];

/** Messages in each direction, datagrams, disks, a kill and a cut, and chains of awaits: what happened, as text. */
async function story(seed: number, draining: Draining): Promise<string> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  const world = new World({ timeline, seed, nodes: names, make });
  const lines: string[] = [];
  await runIn(
    timeline,
    async () => {
      for (const machine of world.machines.values()) machine.start();
      const ask = async (node: string, f: string, input?: unknown): Promise<void> => {
        const answer = await world.ask(node, f, 'x', input).catch((error: unknown) => String(error));
        for (let i = 0; i < 20; i++) await Promise.resolve();
        lines.push(`${time.now()} ${node} ${f} ${JSON.stringify(answer)}`);
      };
      await Promise.all(
        names.map(async (node, i) => {
          for (let round = 0; round < 10; round++) {
            await ask(node, 'ask', names[(i + round) % 3]);
            await ask(node, 'tell', names[(i + 1) % 3]);
            await ask(node, 'keep', round);
            await ask(node, 'jot', round);
            if (round === 3 && i === 0) world.setCuts([{ from: 'n1', to: 'n2' }]);
            if (round === 5 && i === 1) {
              world.machine('n3').kill();
              await time.sleep(20);
              world.machine('n3').start();
            }
            if (round === 7) world.setCuts([]);
            await ask(node, 'kept');
          }
        }),
      );
    },
    draining,
  );
  return `${lines.join('\n')}\n${world.trace}`;
}

test('the same seed gives the same run, byte for byte, and another seed another', async () => {
  const first = await story(1, 'checkpoint');
  expect(await story(1, 'checkpoint')).toBe(first);
  expect(await story(2, 'checkpoint')).not.toBe(first);
});

test('draining by the event loop gives the same run as draining by V8’s checkpoint', async () => {
  expect(drain).toBeDefined();
  for (const seed of [1, 2, 3, 4, 5])
    expect(await story(seed, 'event loop')).toBe(await story(seed, 'checkpoint'));
});

test('a run that waits for something that will never happen is ended, and says so', async () => {
  await expect(runIn(new Timeline(), () => new Promise(() => {}))).rejects.toThrow('stands still');
});

test('what the run throws comes out', async () => {
  const run = runIn(new Timeline(), async () => {
    throw new RangeError('the driver failed');
  });
  await expect(run).rejects.toThrow('the driver failed');
});

test('an hour passes in a moment, and the clock of the run says an hour', async () => {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  await runIn(timeline, () => time.sleep(3_600_000));
  expect(time.now()).toBe(3_600_000 * 1e6);
});

test('a long run lets the real world have its turn', async () => {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  const over = new AbortController();
  setTimeout(() => over.abort(new Error('Ctrl-C')), 1);
  const run = runIn(timeline, async () => {
    for (;;) await time.sleep(1, over.signal);
  });
  await expect(run).rejects.toThrow('Ctrl-C');
});

test.each<[string, () => unknown]>([
  ['Date.now', () => Date.now()],
  ['new Date', () => new Date()],
  ['Math.random', () => Math.random()],
  ['setTimeout', () => setTimeout(() => {}, 1)],
  ['setImmediate', () => setImmediate(() => {})],
  ['performance', () => performance.now()],
  ['crypto', () => crypto.randomUUID()],
  ['fetch', () => fetch('http://127.0.0.1:1')],
])('a node that reaches for %s is told what to use instead', async (_, sin) => {
  const sinner: MakeNode<Messages, Messages> = (host) => ({
    start: () => {},
    peer: {},
    client: {
      sin: async () => {
        await host.clock.sleep(1);
        await sin();
      },
    },
  });
  const timeline = new Timeline();
  const world = new World({ timeline, seed: 1, nodes: ['n1'], make: sinner });
  world.machine('n1').start();
  await expect(runIn(timeline, () => world.ask('n1', 'sin', 'x', null))).rejects.toThrow(
    /a node uses its host’s/,
  );
  expect(world.problems).toHaveLength(1);
  // And afterwards the real world is back.
  expect(
    [Date.now(), Math.random(), new Date().getFullYear(), performance.now()].every(Number.isFinite),
  ).toBe(true);
});

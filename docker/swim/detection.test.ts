import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { runIn } from '../kit/sim/loop.ts';
import { timeOf } from '../kit/sim/time.ts';
import { Timeline } from '../kit/sim/timeline.ts';
import { World } from '../kit/sim/world.ts';
import { SUSPECT_MS } from './members.ts';
import protocol, { PERIOD_MS } from './swim.ts';

interface Seen {
  /** Until everybody knew each other. */
  readonly joinedMs: number;
  /** After one died: until the first, and until the last of the others missed it. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Before that, of ten seconds: datagrams sent by a node in a period, and the share of answers that took a living member for dead. */
  readonly load: number;
  readonly wrong: number;
}

async function group(n: number, lossFraction: number, seed: number): Promise<Seen> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  let sent = 0;
  const make = protocol({ options: {}, bug: undefined }) as unknown as MakeNode<Messages, Messages>;
  const nodes = Array.from({ length: n }, (_, i) => `n${i + 1}`);
  const world = new World({
    timeline,
    seed,
    nodes,
    weather: { jitterMs: 4, syncMs: 2, lossFraction, duplicateFraction: 0 },
    make: (host) =>
      make({
        ...host,
        cast: (...message) => {
          sent++;
          host.cast(...message);
        },
      }),
  });
  const views = (of: readonly string[]): Promise<string[][]> =>
    Promise.all(of.map((node) => world.ask(node, 'members', '', undefined) as Promise<string[]>));
  const until = async (reached: () => Promise<boolean>): Promise<number> => {
    const began = timeline.now;
    while (!(await reached()) && timeline.now - began < 60_000) await time.sleep(50);
    return timeline.now - began;
  };
  return runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    const joinedMs = await until(async () => (await views(nodes)).every((view) => view.length === n));
    await time.sleep(2_000);
    const before = sent;
    let wrong = 0;
    for (let look = 0; look < 10; look++) {
      await time.sleep(1_000);
      wrong += (await views(nodes)).reduce((sum, view) => sum + (n - view.length), 0);
    }
    const load = (sent - before) / n / (10_000 / PERIOD_MS);
    const [dead = '', ...others] = nodes;
    world.machine(dead).kill();
    const firstMs = await until(async () => (await views(others)).some((view) => !view.includes(dead)));
    const lastMs =
      firstMs + (await until(async () => (await views(others)).every((view) => !view.includes(dead))));
    return { joinedMs, firstMs, lastMs, load, wrong: wrong / (10 * n * n) };
  });
}

async function mean(n: number, loss: number, seeds: readonly number[]): Promise<Seen> {
  const runs: Seen[] = [];
  for (const seed of seeds) runs.push(await group(n, loss, seed));
  const of = (which: keyof Seen): number =>
    Math.round((runs.reduce((sum, run) => sum + run[which], 0) / runs.length) * 1000) / 1000;
  return {
    joinedMs: of('joinedMs'),
    firstMs: of('firstMs'),
    lastMs: of('lastMs'),
    load: of('load'),
    wrong: of('wrong'),
  };
}

test(
  'deaths are noticed by all, and what a node sends does not grow with the group',
  { timeout: 120_000 },
  async () => {
    const seen = new Map<number, Seen>();
    for (const n of [5, 10, 25, 50]) seen.set(n, await mean(n, 0, [1, 2, 3]));
    if (process.env['LABRYS_SHOW']) console.log(Object.fromEntries(seen));
    for (const [n, { firstMs, lastMs, load, wrong }] of seen) {
      // §3.1: somebody pings it within a few periods, whatever N; §4.3: everybody within two rounds.
      expect(firstMs).toBeLessThan(SUSPECT_MS + 6 * PERIOD_MS);
      expect(lastMs).toBeLessThan(SUSPECT_MS + 2 * n * PERIOD_MS + 2_000);
      expect(load).toBeGreaterThan(1.5);
      expect(load).toBeLessThan(2.6);
      expect(wrong).toBe(0);
    }
  },
);

test(
  'lost datagrams lead to suspicion, and suspicion hardly ever to a verdict',
  { timeout: 120_000 },
  async () => {
    const seen = new Map<number, Seen>();
    for (const loss of [0, 0.1, 0.3]) seen.set(loss, await mean(10, loss, [1, 2, 3]));
    if (process.env['LABRYS_SHOW']) console.log(Object.fromEntries(seen));
    expect(seen.get(0)?.wrong).toBe(0);
    expect(seen.get(0.1)?.wrong).toBeLessThan(0.01);
    expect(seen.get(0.3)?.wrong).toBeLessThan(0.1);
  },
);

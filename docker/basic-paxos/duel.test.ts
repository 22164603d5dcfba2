import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { runIn } from '../kit/sim/loop.ts';
import { timeOf } from '../kit/sim/time.ts';
import { Timeline } from '../kit/sim/timeline.ts';
import { World } from '../kit/sim/world.ts';
import protocol from './basic-paxos.ts';

/** Two proposers on five nodes begin at about the same time, and no link is ever faster than another. */
async function duel(
  backoff: 'none' | 'random',
  seed: number,
): Promise<{ readonly decided: boolean; readonly ballots: number }> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  const make = protocol({ options: { backoff }, bug: undefined }) as unknown as MakeNode<Messages, Messages>;
  const ballots = new Set<string>();
  const world = new World({
    timeline,
    seed,
    nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
    weather: { jitterMs: 0, syncMs: 5, lossFraction: 0, duplicateFraction: 0 },
    make: (host) =>
      make({
        ...host,
        call: (to, name, body, ...rest) => {
          if (name === 'prepare') ballots.add(JSON.stringify((body as { ballot: unknown }).ballot));
          return host.call(to, name, body, ...rest);
        },
      }),
  });
  const decided = await runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    const first = world.ask('n1', 'propose', 'x', 1).catch(() => undefined);
    // So that its phase 1 falls between the other's two phases.
    await time.sleep(3);
    const second = world.ask('n2', 'propose', 'x', 2).catch(() => undefined);
    const answers = await Promise.all([first, second]);
    expect(new Set(answers.filter((it) => it !== undefined)).size).toBeLessThan(2);
    return answers.every((it) => it !== undefined);
  });
  return { decided, ballots: ballots.size };
}

test('two proposers in step outbid each other for as long as they have patience, and decide nothing', async () => {
  const seen = await Promise.all([1, 2, 3, 4, 5].map((seed) => duel('none', seed)));
  if (process.env['LABRYS_SHOW']) console.log('none', seen);
  expect(seen.filter(({ decided }) => decided)).toEqual([]);
  for (const { ballots } of seen) expect(ballots).toBeGreaterThan(100);
});

test('with a random back-off one of them gets through', async () => {
  const seen = await Promise.all([1, 2, 3, 4, 5].map((seed) => duel('random', seed)));
  if (process.env['LABRYS_SHOW']) console.log('random', seen);
  for (const { decided, ballots } of seen) {
    expect(decided).toBe(true);
    expect(ballots).toBeLessThan(30);
  }
});

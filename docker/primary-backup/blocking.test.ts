import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { runIn } from '../kit/sim/loop.ts';
import { timeOf } from '../kit/sim/time.ts';
import { Timeline } from '../kit/sim/timeline.ts';
import { World } from '../kit/sim/world.ts';
import protocol from './primary-backup.ts';

type Dies = 'a backup' | 'the primary' | 'the view service' | 'nobody';

/** One client writes without a pause for six seconds, and somebody dies after two. The longest that no write was confirmed. */
async function longestSilence(replication: 'sync' | 'async', dies: Dies): Promise<number> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  const world = new World({
    timeline,
    seed: 1,
    nodes: ['n1', 'n2', 'n3', 'n4'],
    weather: { jitterMs: 2, syncMs: 2, lossFraction: 0, duplicateFraction: 0 },
    make: protocol({ options: { replication }, bug: undefined }) as unknown as MakeNode<Messages, Messages>,
  });
  const primary = (): string | undefined =>
    [...world.machines.values()].find(({ status }) => status?.role === 'leader')?.id;
  return runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    // Until there are a primary and its backups.
    await time.sleep(2_000);
    let last = timeline.now;
    let longest = 0;
    const until = timeline.now + 6_000;
    timeline.after(2_000, () => {
      const leader = primary();
      const backup = ['n2', 'n3', 'n4'].find((id) => id !== leader);
      const victim = {
        'a backup': backup,
        'the primary': leader,
        'the view service': 'n1',
        nobody: undefined,
      };
      if (victim[dies] !== undefined) world.machine(victim[dies]).kill();
    });
    for (let value = 1; timeline.now < until; value++) {
      const leader = primary();
      const confirmed =
        leader !== undefined &&
        (await Promise.race([
          world.ask(leader, 'write', 'x', value).then(
            () => true,
            () => false,
          ),
          time.sleep(50).then(() => false),
        ]));
      if (confirmed) {
        longest = Math.max(longest, timeline.now - last);
        last = timeline.now;
      } else await time.sleep(5);
    }
    return Math.round(Math.max(longest, until - last));
  });
}

test('a synchronous primary blocks while a backup is down, until it is taken out of the view', async () => {
  const seen: Record<string, number> = {};
  for (const replication of ['sync', 'async'] as const)
    for (const dies of ['nobody', 'a backup', 'the primary', 'the view service'] as const)
      seen[`${replication}, ${dies}`] = await longestSilence(replication, dies);
  if (process.env['LABRYS_SHOW']) console.log(seen);
  expect(seen['sync, nobody']).toBeLessThan(60);
  expect(seen['sync, a backup']).toBeGreaterThan(300);
  expect(seen['sync, a backup']).toBeLessThan(1_000);
  expect(seen['async, a backup']).toBeLessThan(60);
  expect(seen['sync, the primary']).toBeGreaterThan(300);
  expect(seen['sync, the primary']).toBeLessThan(1_500);
  // A synchronous primary needs no lease, and goes on without a view service; an asynchronous one must not.
  expect(seen['sync, the view service']).toBeLessThan(60);
  expect(seen['async, the view service']).toBeGreaterThan(3_000);
});

import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../harness/index.ts';
import register from '../../workloads/register.ts';
import { answersEverything } from '../redis/answers.conformance.ts';
import { call, live, until } from '../testing/live.ts';
import system from './system.ts';

/**
 * What Redis Cluster has to do here, on any runtime. `unless` says why not, when it cannot run.
 * What has nothing to do with where nodes live is tried where it is asked for.
 */
export function redisClusterConformance(
  makeRuntime: () => Runtime,
  unless: string,
  { thorough }: { readonly thorough: boolean },
): void {
  const runtime = makeRuntime();
  describe.skipIf(unless !== '')(`redis-cluster on ${runtime.name}${unless}`, () => {
    const cluster = live(system, runtime);

    answersEverything(cluster);

    test('three nodes share the slots, and three follow them', async () => {
      expect((await cluster.leaders()).map(({ node }) => node)).toEqual(['n1', 'n2', 'n3']);
    });

    if (thorough)
      test('an owner that is cut off takes writes for a while, and its replica follows it without them', async () => {
        const left = await cluster.open(register, 'n1');
        const others = cluster.nodes.map(({ name }) => name).filter((name) => name !== 'n1');
        await cluster.split(['n1'], others);
        // Of most keys others are the owners, whom clients can reach.
        const keys = Array.from({ length: 12 }, (_, i) => `p${i}`);
        for (const key of keys) await left.write(call(key, 1));
        await until(async () => (await cluster.leaders()).some(({ node }) => node === 'n4'));
        await cluster.heal();
        await Promise.all(cluster.nodes.map(cluster.untilReady));
        const other = await cluster.open(register, 'n2');
        const read = await Promise.all(keys.map((key) => other.read(call(key))));
        expect(read).toContain(null);
        expect(read).toContain(1);
      });
  });
}

import { describe, expect, test } from 'vitest';
import { NotApplied, type Runtime } from '../../harness/index.ts';
import counter from '../../workloads/counter.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import { call, live, until } from '../testing/live.ts';
import system from './system.ts';

/**
 * What ZooKeeper has to do here, on any runtime. `unless` says why not, when it cannot run.
 * What has nothing to do with where nodes live is tried where it is asked for.
 */
export function zookeeperConformance(
  makeRuntime: () => Runtime,
  unless: string,
  { thorough }: { readonly thorough: boolean },
): void {
  const runtime = makeRuntime();
  describe.skipIf(unless !== '')(`zookeeper on ${runtime.name}${unless}`, () => {
    const zookeeper = live(system, runtime);

    test('what every workload asks is answered through any node', async () => {
      const [one, other] = await Promise.all([
        zookeeper.open(register, 'n1'),
        zookeeper.open(register, 'n2'),
      ]);
      expect(await other.read(call('a'))).toBe(null);
      expect(await one.cas(call('a', [1, 2] as const))).toBe(false);
      await one.write(call('a', 1));
      expect(await other.cas(call('a', [1, 2] as const))).toBe(true);
      expect(await one.cas(call('a', [1, 3] as const))).toBe(false);
      await other.write(call('a', 4));
      expect(await one.read(call('a'))).toBe(4);

      const elements = await zookeeper.open(set, 'n2');
      for (const value of [3, 1, 10]) await elements.add(call('s1', value));
      await elements.add(call('s10', 4));
      expect((await elements.read(call('s1'))).toSorted((a, b) => a - b)).toEqual([1, 3, 10]);

      const sums = await Promise.all(['n1', 'n2', 'n3'].map((name) => zookeeper.open(counter, name)));
      expect(await sums[0]?.read(call('c'))).toBe(0);
      await Promise.all(sums.map((sum) => sum.add(call('c', 5))));
      expect(await sums[0]?.read(call('c'))).toBe(15);

      const ids = await Promise.all(['n1', 'n2', 'n3'].map((name) => zookeeper.open(uniqueIds, name)));
      const drawn = await Promise.all(ids.map((from) => from.generate(call(''))));
      expect(new Set(drawn).size).toBe(3);
    });

    if (thorough)
      test('a server that is cut off answers what it has, unless it is to catch up first', async () => {
        const { node: leader } = await zookeeper.leader();
        const names = zookeeper.nodes.map(({ name }) => name);
        const behind = names.find((name) => name !== leader) as string;
        const one = await zookeeper.open(register, leader);
        const local = await zookeeper.open(register, behind, { reads: 'local' });
        const synced = await zookeeper.open(register, behind);
        await one.write(call('p', 1));
        // Each in a session that it has had before.
        expect(await synced.read(call('p'))).toBe(1);
        expect(await local.read(call('p'))).toBe(1);
        await zookeeper.split(
          [behind],
          names.filter((name) => name !== behind),
        );
        await one.write(call('p', 2));
        expect(await local.read(call('p'))).toBe(1);
        await expect(synced.read(call('p'))).rejects.toThrow(Error);
        await zookeeper.heal();
        expect(await until(() => synced.read(call('p')).catch(() => undefined))).toBe(2);
      });

    if (thorough)
      test('a killed leader is followed by another in a later epoch, which has what was written', async () => {
        const before = await zookeeper.leader();
        const one = await zookeeper.open(register, before.node);
        await one.write(call('k', 7));
        await zookeeper.named(before.node).kill();
        await expect(one.write(call('k', 8))).rejects.toThrow(Error);
        await expect(
          (await zookeeper.open(register, before.node)).write(call('k', 9)),
        ).rejects.toBeInstanceOf(NotApplied);
        const after = await until(async () =>
          (await zookeeper.leaders()).find(({ node }) => node !== before.node),
        );
        const other = await zookeeper.open(register, after.node);
        expect(await until(() => other.read(call('k')).catch(() => undefined))).toBe(7);
        // The number of an epoch is that of its first change.
        await other.write(call('k', 10));
        expect((await zookeeper.leader()).term).toBeGreaterThan(before.term as number);
      });
  });
}

import { describe, expect, test } from 'vitest';
import { NotApplied, type Runtime } from '../../harness/index.ts';
import bank from '../../workloads/bank.ts';
import counter from '../../workloads/counter.ts';
import listAppend from '../../workloads/list-append.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import { call, live, until } from '../testing/live.ts';
import system from './system.ts';

/**
 * What Redis under Sentinel has to do here, on any runtime. `unless` says why not, when it cannot run. What takes long, and has
 * nothing to do with where nodes live, is tried where it is asked for.
 */
export function redisConformance(
  makeRuntime: () => Runtime,
  unless: string,
  { thorough }: { readonly thorough: boolean },
): void {
  const runtime = makeRuntime();
  describe.skipIf(unless !== '')(`redis on ${runtime.name}${unless}`, () => {
    const redis = live(system, runtime);

    test('what every workload asks is answered through any node', async () => {
      const [one, other] = await Promise.all([redis.open(register, 'n1'), redis.open(register, 'n2')]);
      expect(await other.read(call('a'))).toBe(null);
      expect(await one.cas(call('a', [1, 2] as const))).toBe(false);
      await one.write(call('a', 1));
      expect(await other.cas(call('a', [1, 2] as const))).toBe(true);
      expect(await one.cas(call('a', [1, 3] as const))).toBe(false);
      expect(await one.read(call('a'))).toBe(2);

      const elements = await redis.open(set, 'n2');
      for (const value of [3, 1, 10]) await elements.add(call('s1', value));
      expect((await elements.read(call('s1'))).toSorted((a, b) => a - b)).toEqual([1, 3, 10]);
      expect(await elements.read(call('s10'))).toEqual([]);

      const sums = await redis.open(counter, 'n3');
      expect(await sums.read(call('c'))).toBe(0);
      for (const value of [5, -2]) await sums.add(call('c', value));
      expect(await sums.read(call('c'))).toBe(3);

      const money = await redis.open(bank, 'n1');
      expect(await money.transfer(call('b', [0, 2, 21] as const))).toBe(false);
      expect(await money.transfer(call('b', [0, 2, 20] as const))).toBe(true);
      expect(await money.read(call('b', 3))).toEqual([0, 20, 40]);

      const ids = await Promise.all(['n1', 'n2', 'n3'].map((name) => redis.open(uniqueIds, name)));
      const drawn = await Promise.all(ids.map((from) => from.generate(call(''))));
      expect(new Set(drawn).size).toBe(3);
    });

    test('a transaction reads and appends to several lists as one, and sees its own appends', async () => {
      const one = await redis.open(listAppend, 'n1');
      const other = await redis.open(listAppend, 'n3');
      const steps = [
        ['append', 'l1', 1],
        ['r', 'l1', null],
        ['r', 'l2', null],
      ] as const;
      expect(await one.txn(call('', steps))).toEqual([
        ['append', 'l1', 1],
        ['r', 'l1', [1]],
        ['r', 'l2', []],
      ]);
      expect(await other.txn(call('', [['r', 'l1', null]] as const))).toEqual([['r', 'l1', [1]]]);
    });

    test('a primary that is cut off takes writes, and they are lost', async () => {
      const { node: old } = await redis.leader();
      const others = redis.nodes.map(({ name }) => name).filter((name) => name !== old);
      const left = await redis.open(register, old);
      await redis.split([old], others);
      await left.write(call('p', 1));
      expect(await left.read(call('p'))).toBe(1);
      const waits = await redis.open(register, old, { wait: '1' });
      await expect(waits.write(call('q', 1))).rejects.toThrow('0 of 1 replicas confirmed');
      expect(await left.read(call('q'))).toBe(1);
      const away = await redis.open(register, others[0] as string, { reads: 'own' });
      await until(async () => (await redis.leaders()).length === 2);
      expect(await away.read(call('p'))).toBe(null);
      await redis.heal();
      await Promise.all(redis.nodes.map(redis.untilReady));
      expect(await left.read(call('p'))).toBe(null);
    });

    if (thorough)
      test('a killed primary is followed by another, and comes back as a replica', async () => {
        const { node: old } = await redis.leader();
        const one = await redis.open(register, old);
        await one.write(call('k', 7));
        // Written on the other side as well: what only the primary has may be lost.
        await (await redis.open(register, old, { wait: '2' })).write(call('k', 8));
        await redis.named(old).kill();
        await expect(one.write(call('k', 9))).rejects.toThrow(Error);
        await expect((await redis.open(register, old)).write(call('k', 9))).rejects.toBeInstanceOf(
          NotApplied,
        );
        const successor = await until(async () => (await redis.leaders()).find(({ node }) => node !== old));
        const other = await redis.open(register, successor.node);
        await until(() =>
          other.write(call('k2', 1)).then(
            () => true,
            () => false,
          ),
        );
        expect(await other.read(call('k'))).toBe(8);
        await redis.named(old).start();
        await redis.untilReady(redis.named(old));
        expect(await redis.leaders()).toEqual([successor]);
        expect(await one.read(call('k'))).toBe(8);
      });
  });
}

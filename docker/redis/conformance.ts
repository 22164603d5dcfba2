import { describe, expect, test } from 'vitest';
import { NotApplied, type Runtime } from '../../harness/index.ts';
import register from '../../workloads/register.ts';
import { call, live, until } from '../testing/live.ts';
import { answersEverything } from './answers.conformance.ts';
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

    answersEverything(redis);

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
      test('a killed primary is followed by another, which has what was waited for', async () => {
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
      });
  });
}

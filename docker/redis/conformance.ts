import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../harness/index.ts';
import register from '../../workloads/register.ts';
import { call, live, until } from '../testing/live.ts';
import { answersEverything } from './answers.conformance.ts';
import system from './system.ts';

/** What Redis under Sentinel has to do here, on any runtime. `unless` says why not, when it cannot run. */
export function redisConformance(makeRuntime: () => Runtime, unless: string): void {
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
      await until(async () => (await left.read(call('p')).catch(() => undefined)) === null);
    });
  });
}

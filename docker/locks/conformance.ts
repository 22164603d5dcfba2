import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../harness/index.ts';
import lock from '../../workloads/lock.ts';
import type { Grant } from './service.ts';
import { call, live, until } from '../testing/live.ts';
import system from './system.ts';

/** As short as all of the services can. */
const LEASE_MS = '1000';

/** What a lock service has to do here, on any runtime. `unless` says why not, when it cannot run. */
export function locksConformance(
  makeRuntime: () => Runtime,
  service: string,
  { unless = '', size = 3 }: { readonly unless?: string; readonly size?: number },
): void {
  const runtime = makeRuntime();
  describe.skipIf(unless !== '')(`locks by ${service} on ${runtime.name}${unless}`, () => {
    const locks = live(system, runtime, { size, options: { service, lease: LEASE_MS, fencing: 'yes' } });
    const last = `n${size}`;

    test('one has it, the other is refused until it is given back, and tokens grow', async () => {
      const [one, other] = await Promise.all([locks.open(lock, 'n1'), locks.open(lock, last)]);
      const first = await one.acquire(call('a'));
      expect(first).not.toBe(false);
      const [token] = first as Grant;
      expect(await other.acquire(call('a'))).toBe(false);
      expect(await other.acquire(call('b'))).not.toBe(false);
      expect(await one.use(call('a', token))).toBe(true);
      expect(await one.release(call('a', token))).toBe(true);
      const [later] = (await until(() => other.acquire(call('a')))) as Grant;
      expect(later).toBeGreaterThan(token as number);
      expect(await one.release(call('a', token))).toBe(false);
    });

    test('who does not come back loses it, and is turned away where tokens are looked at', async () => {
      const [one, other] = await Promise.all([locks.open(lock, 'n1'), locks.open(lock, last)]);
      const careless = await locks.open(lock, 'n1', { fencing: 'ignored' });
      const [token, leaseMs] = (await one.acquire(call('d'))) as Grant;
      const [ignored] = (await careless.acquire(call('f'))) as Grant;
      expect(leaseMs).toBeLessThanOrEqual(2000);
      const [later] = (await until(() => other.acquire(call('d')))) as Grant;
      const [overtakes] = (await until(() => other.acquire(call('f')))) as Grant;
      expect(await other.use(call('d', later))).toBe(true);
      expect(await other.use(call('f', overtakes))).toBe(true);
      expect(await one.use(call('d', token))).toBe(false);
      expect(await careless.use(call('f', ignored))).toBe(true);
      // Or its session has just ended, and there is nobody to ask.
      expect(await one.release(call('d', token)).catch(() => false)).toBe(false);
    });
  });
}

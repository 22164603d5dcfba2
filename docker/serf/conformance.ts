import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../harness/index.ts';
import membership from '../../workloads/membership.ts';
import { call, live, until } from '../testing/live.ts';
import system from './system.ts';

/** What Serf has to do here, on any runtime. `unless` says why not, when it cannot run. */
export function serfConformance(makeRuntime: () => Runtime, unless: string): void {
  const runtime = makeRuntime();
  describe.skipIf(unless !== '')(`serf on ${runtime.name}${unless}`, () => {
    const serf = live(system, runtime, { size: 3, options: { profile: 'local' } });

    test('everybody is there; who falls silent is missed, and is back when it speaks again', async () => {
      const one = await serf.open(membership, 'n1');
      const sorted = async (): Promise<readonly string[]> => (await one.members(call(''))).toSorted();
      expect(await sorted()).toEqual(['n1', 'n2', 'n3']);
      const other = await serf.open(membership, 'n3');
      await other.silence(call('', 60_000));
      await until(async () => (await sorted()).join() === 'n1,n2');
      await serf.named('n3').resume();
      await until(async () => (await sorted()).join() === 'n1,n2,n3');
    });

    test('an agent that is dead is asked in vain', async () => {
      const one = await serf.open(membership, 'n2');
      await serf.named('n2').kill();
      await expect(one.members(call(''))).rejects.toThrow(Error);
    });
  });
}

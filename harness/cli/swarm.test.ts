import { expect, test } from 'vitest';
import type { Capability } from '../runtime.ts';
import etcd from '../../docker/etcd/system.ts';
import type { Membership } from '../system.ts';
import { allFaults } from './support.ts';
import { drawSwarm } from './swarm.ts';

const faults = await allFaults();
const seeds = Array.from({ length: 300 }, (_, i) => i);
const names = async (seed: number, ...can: Capability[]): Promise<string[]> =>
  (await drawSwarm(faults, { can: new Set(can) }, {}, seed)).map(({ name }) => name);

test('a swarm is two to five different faults that the runtime can do, the same from the same seed', async () => {
  const seen = new Set<string>();
  for (const seed of seeds) {
    const drawn = await names(seed, 'kill', 'pause', 'cut', 'clock');
    expect(await names(seed, 'kill', 'pause', 'cut', 'clock')).toEqual(drawn);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length).toBeGreaterThanOrEqual(2);
    expect(drawn.length).toBeLessThanOrEqual(5);
    for (const name of drawn) seen.add(name);
  }
  const able = faults.filter(
    ({ needs, asks = [] }) =>
      asks.length === 0 && needs.every((need) => ['kill', 'pause', 'cut', 'clock'].includes(need)),
  );
  expect([...seen].toSorted()).toEqual(able.map(({ name }) => name).toSorted());
});

test('what this machine lacks the means for is not drawn', async () => {
  for (const seed of seeds.slice(0, 50)) {
    const can = new Set<Capability>(['kill', 'shape']);
    const lacks = async (capability: Capability) => (capability === 'shape' ? 'no compiler' : undefined);
    const drawn = await drawSwarm(faults, { can, lacks }, {}, seed);
    for (const { name } of drawn)
      expect(faults.find((fault) => fault.name === name)?.needs).not.toContain('shape');
  }
});

test('what a system must offer is drawn only for systems that offer it', async () => {
  const can = new Set<Capability>(['kill']);
  const drawn = async (system: Parameters<typeof drawSwarm>[2]): Promise<ReadonlySet<string>> => {
    const all = await Promise.all(seeds.slice(0, 60).map((seed) => drawSwarm(faults, { can }, system, seed)));
    return new Set(all.flat().map(({ name }) => name));
  };
  expect((await drawn({})).has('membership')).toBe(false);
  expect((await drawn({ membership: etcd.membership as Membership })).has('membership')).toBe(true);
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault, Injection, Members } from '../harness/fault.ts';
import type { Capability } from '../harness/runtime.ts';
import { faultConformance } from './conformance/conformance.ts';
import { carrying, everyFault, variantsOf } from './conformance/every-fault.ts';
import { battlefield } from './conformance/field.ts';
import { memoryWorld } from './conformance/memory-world.ts';
import bitFlips from './bit-flips.ts';
import clock from './clock.ts';
import diskError from './disk-error.ts';
import diskFull from './disk-full.ts';
import powerFailure from './power-failure.ts';
import slowCpu from './slow-cpu.ts';
import slowDisk from './slow-disk.ts';
import tornWrites from './torn-writes.ts';
import truncatedFiles from './truncated-files.ts';
import lostNames from './lost-names.ts';
import flaky from './flaky.ts';
import kill from './kill.ts';
import membership from './membership.ts';
import outOfFiles from './out-of-files.ts';
import partition from './partition.ts';
import pause from './pause.ts';
import { allLinks } from './shapes.ts';

const can = new Set<Capability>([
  'kill',
  'pause',
  'cut',
  'clock',
  'shape',
  'stop',
  'limit',
  'group',
  'disk',
  'write',
]);
/** Those whose variants say whom they hit. */
const aimed: readonly Fault[] = [partition, kill, pause];

for (const size of [3, 5])
  describe(`with ${size} nodes`, () => {
    for (const fault of everyFault)
      faultConformance(fault, async () => memoryWorld(size), { can, variants: variantsOf(fault) });
  });

test('after any faults and heals in any order, every node runs and every link carries', async () => {
  const strikes = fc.array(
    fc.record({
      fault: fc.constantFrom(...everyFault),
      variant: fc.nat(),
      seed: fc.integer(),
      healAfter: fc.nat({ max: 4 }),
    }),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), strikes, async (size, planned) => {
      const world = memoryWorld(size);
      const { field } = battlefield(world);
      const inForce: Injection[] = [];
      for (const { fault, variant, seed, healAfter } of planned) {
        const impaired = inForce.flatMap(({ nodes }) => nodes);
        const variants = variantsOf(fault);
        const name = variants[variant % variants.length] as string;
        inForce.push(await fault.inject(field(seed, { quorum: 'mix', impaired }), name));
        if (healAfter < inForce.length) await inForce.splice(healAfter, 1)[0]?.heal();
      }
      for (const injection of inForce) await injection.heal();
      expect(world.nodes.map(({ now }) => now)).toEqual(world.nodes.map(() => 'running'));
      expect(await world.cluster.network.probe(allLinks(world.nodes.map(({ name }) => name)))).not.toContain(
        false,
      );
    }),
  );
});

test('a cut that lets everything through is not confirmed, and says which link', async () => {
  const { evidence } = await partition.inject(battlefield(memoryWorld(3, { leaky: true })).field(1), 'one');
  expect(evidence).toMatchObject({ outcome: 'indeterminate' });
  expect(evidence).toHaveProperty(
    'because',
    expect.stringMatching(/^n\d→n\d, .* still let everything through$/),
  );
});

test('links that carry as usual all the same are not confirmed ill, and say what they did', async () => {
  for (const fault of carrying) {
    const { evidence } = await fault.inject(battlefield(memoryWorld(3, { leaky: true })).field(1), 'all');
    expect(evidence).toMatchObject({ outcome: 'indeterminate' });
    expect(evidence).toHaveProperty(
      'because',
      expect.stringMatching(/^n\d→n\d (took|lost|carried|damaged|had) /),
    );
  }
});

test('limits that are ignored are not confirmed, and say what each process may have', async () => {
  const world = battlefield(memoryWorld(3, { generous: true }));
  const { evidence } = await outOfFiles.inject(world.field(1), 'all');
  expect(evidence).toEqual({
    outcome: 'indeterminate',
    because: ['n1', 'n2', 'n3'].map((name) => `${name}: ${name} may have 1024, has 10`).join('; '),
  });
});

test('a group that is not held back is not confirmed to be', async () => {
  const { evidence } = await slowCpu.inject(battlefield(memoryWorld(3, { generous: true })).field(1), 'one');
  expect(evidence).toEqual({
    outcome: 'indeterminate',
    because: expect.stringMatching(/^n\d got 90 % of one, held back 0 times$/),
  });
});

test('a disk that loses nothing and does not ail is not confirmed to have', async () => {
  for (const fault of [
    powerFailure,
    tornWrites,
    lostNames,
    bitFlips,
    truncatedFiles,
    diskFull,
    diskError,
    slowDisk,
  ]) {
    const { evidence } = await fault.inject(
      battlefield(memoryWorld(3, { generous: true })).field(1),
      'minority',
    );
    expect(evidence).toEqual({
      outcome: 'indeterminate',
      because: expect.stringMatching(
        /^of what was not synced, n\d has 64 of 64 pages|^the files of n\d are whole|on the disk of n\d went well/,
      ),
    });
  }
});

test('members that are not let go are not confirmed removed', async () => {
  const { evidence } = await membership.inject(battlefield(memoryWorld(3, { loyal: true })).field(1), 'one');
  expect(evidence).toEqual({
    outcome: 'indeterminate',
    because: expect.stringMatching(/^n\d still lists n\d; it has n1 n2 n3$/),
  });
});

test('a system that refuses to change its members is left as it is, and says why', async () => {
  for (const variant of membership.variants) {
    const world = memoryWorld(3);
    const refuses = { ...(world.members as Members), remove: () => Promise.reject(new Error('unhealthy')) };
    const { evidence } = await membership.inject(
      battlefield({ ...world, members: refuses }).field(1),
      variant,
    );
    expect(evidence).toEqual({ outcome: 'skipped', because: 'nobody could be removed: unhealthy' });
    expect(world.nodes.map(({ now }) => now)).toEqual(world.nodes.map(() => 'running'));
  }
});

test('links that are never mended are not confirmed flaky', async () => {
  const { evidence } = await flaky.inject(battlefield(memoryWorld(3, { leaky: true })).field(1), 'one');
  expect(evidence).toEqual({
    outcome: 'indeterminate',
    because: expect.stringMatching(/^n\d→n\d was seen open 60 times and blocked 0 times$/),
  });
});

test('a node that survives its kill is not confirmed dead', async () => {
  const { evidence } = await kill.inject(battlefield(memoryWorld(3, { immortal: true })).field(1), 'all');
  expect(evidence).toEqual({
    outcome: 'indeterminate',
    because: 'n1 is running, n2 is running, n3 is running',
  });
});

test('a clock that stays right is not confirmed skewed, and says what it reads', async () => {
  for (const variant of clock.variants) {
    const { evidence } = await clock.inject(
      battlefield(memoryWorld(3, { punctual: true })).field(1),
      variant,
    );
    expect(evidence).toMatchObject({ outcome: 'indeterminate' });
    expect(evidence).toHaveProperty(
      'because',
      expect.stringMatching(/^n\d: n\d (reads|counts|never reads) /),
    );
  }
});

test('a monotonic clock never goes back, whatever is done to it', async () => {
  const world = memoryWorld(3);
  const shown: number[][] = [];
  const look = async (): Promise<void> => {
    const read = await Promise.all(world.nodes.map(async (node) => (await node.clock.read())[0]?.monotonic));
    shown.push(read.map((one) => (one?.atMs ?? 0) + (one?.aheadMs ?? 0)));
  };
  for (let round = 0; round < 10; round++)
    for (const variant of clock.variants) {
      await look();
      const injection = await clock.inject(battlefield(world).field(round), variant);
      await look();
      await injection.heal();
    }
  for (let i = 1; i < shown.length; i++)
    for (const [node, now] of (shown[i] as number[]).entries())
      expect(now).toBeGreaterThanOrEqual(shown[i - 1]?.[node] as number);
});

test('a probe that fails confirms nothing, and the fault can be healed all the same', async () => {
  const world = memoryWorld(3, { blindProbe: true });
  const injection = await partition.inject(battlefield(world).field(1), 'one');
  expect(injection.evidence).toEqual({
    outcome: 'indeterminate',
    because: 'the probe failed: no probe in this world',
  });
  expect(await injection.heal()).toMatchObject({ outcome: 'skipped' });
});

test('the links of nodes that are down already prove nothing', async () => {
  const world = memoryWorld(3);
  for (const node of world.nodes) await node.kill();
  const { evidence } = await partition.inject(battlefield(world).field(1), 'halves');
  expect(evidence).toMatchObject({ outcome: 'skipped' });
});

test('with nobody who leads, a fault aimed at the leader is skipped and says so', async () => {
  const world = { ...memoryWorld(3), leaders: async () => [] };
  for (const fault of aimed) {
    const { evidence, nodes } = await fault.inject(battlefield(world).field(1), 'leader');
    expect(nodes).toEqual([]);
    expect(evidence).toEqual({ outcome: 'skipped', because: 'no node that is well says that it leads' });
  }
});

test('of two that think that they lead, the one with the later term is hit', async () => {
  const leaders = async () => [
    { node: 'n1', term: 3 },
    { node: 'n2', term: 4 },
  ];
  const world = { ...memoryWorld(3), leaders };
  for (const fault of aimed) {
    const injection = await fault.inject(battlefield(world).field(1), 'leader');
    expect(injection.nodes).toEqual(['n2']);
    await injection.heal();
  }
});

test('a fault aimed at a role hits a node that says that it has it, and says so where none does', async () => {
  const roles = { n1: 'primary', n2: 'witness', n3: 'backup' };
  const world = { ...memoryWorld(3), roles };
  for (const fault of aimed)
    for (const [node, role] of Object.entries(roles)) {
      const injection = await fault.inject(battlefield(world).field(1), `@${role}`);
      expect(injection).toMatchObject({ nodes: [node], evidence: { outcome: 'confirmed' } });
      await injection.heal();
      const none = await fault.inject(battlefield(world).field(1), '@arbiter');
      expect(none.evidence).toEqual({
        outcome: 'skipped',
        because: 'no node that is well says that it is arbiter',
      });
    }
});

test('where a majority has to stay up, even `all` takes only as many as leave one', async () => {
  const world = memoryWorld(5);
  const { field } = battlefield(world);
  const first = await kill.inject(field(1, { quorum: 'never' }), 'all');
  expect(first.nodes.length).toBe(2);
  const second = await pause.inject(field(2, { quorum: 'never', impaired: first.nodes }), 'one');
  expect(second.evidence).toMatchObject({ outcome: 'skipped' });
});

test('a node that was paused and then killed is left to whoever killed it', async () => {
  const world = memoryWorld(3);
  const { field } = battlefield(world);
  const paused = await pause.inject(field(1), 'all');
  for (const node of world.nodes) await node.kill();
  expect(await paused.heal()).toEqual({ outcome: 'skipped', because: 'n1 n2 n3 died meanwhile' });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Account } from '../harness/drive/account.ts';
import type { Injection, Quorum } from '../harness/fault.ts';
import { allLeaveMajority, leavesMajority, type Loss, majorityOf } from '../harness/quorum.ts';
import type { Link } from '../harness/runtime.ts';
import { everyFault, variantsOf } from './conformance/every-fault.ts';
import { battlefield } from './conformance/field.ts';
import { illDisks } from './conformance/ill-disks.ts';
import { memoryWorld } from './conformance/memory-world.ts';
import { wanting } from './conformance/wanting.ts';
import { wrongClocks } from './conformance/wrong-clocks.ts';
import { allLinks, sameLink } from './shapes.ts';

/** By trying every majority that there could be, and each of its nodes in the middle. */
function majorityByHand(nodes: readonly string[], cut: readonly Link[], out: ReadonlySet<string>): boolean {
  const speak = (a: string, b: string): boolean =>
    a === b || !cut.some((link) => sameLink(link, { from: a, to: b }) || sameLink(link, { from: b, to: a }));
  return subsets(nodes).some(
    (some) =>
      some.length >= majorityOf(nodes.length) &&
      some.every((node) => !out.has(node)) &&
      some.some((middle) => some.every((node) => speak(middle, node))),
  );
}

const subsets = (of: readonly string[]): string[][] =>
  of.reduce<string[][]>((all, one) => [...all, ...all.map((some) => [...some, one])], [[]]);

const names = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;
const cuts = fc.subarray(allLinks(names));
const some = fc.subarray([...names]);

test('a majority is found where there is one, as by trying all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), cuts, some, (size, cut, out) => {
      const nodes = names.slice(0, size);
      expect(leavesMajority(nodes, cut, new Set(out))).toBe(majorityByHand(nodes, cut, new Set(out)));
    }),
  );
});

test('of nodes that are out one at a time, every choice is thought of, with all others', () => {
  const loss = fc.record({
    nodes: some,
    atOnce: fc.nat({ max: 3 }),
    cuts: fc.subarray(allLinks(names), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(loss, { maxLength: 3 }), (losses) => {
      const byHand = (left: readonly Required<Loss>[], out: readonly string[]): boolean => {
        const [first, ...others] = left;
        if (!first)
          return majorityByHand(
            names,
            losses.flatMap((one) => one.cuts),
            new Set(out),
          );
        return subsets(first.nodes)
          .filter((taken) => taken.length <= first.atOnce)
          .every((taken) => byHand(others, [...out, ...taken]));
      };
      expect(allLeaveMajority(names, losses)).toBe(byHand(losses, []));
    }),
  );
});

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ fault: fc.constantFrom(...everyFault), variant: fc.nat(), seed: fc.integer() }),
  },
  { weight: 1, arbitrary: fc.record({ heal: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 1500 }) }) },
);

/** Plays faults on one cluster, as the harness does; says how often no majority was left, and how many were in force at once. */
async function play(
  size: number,
  quorum: Quorum,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) {
  const world = memoryWorld(size);
  const nodes = world.nodes.map(({ name }) => name);
  const { field } = battlefield(world);
  const account = new Account(nodes);
  const inForce: { readonly injection: Injection; readonly settle: () => void }[] = [];
  let [most, lost] = [0, 0];
  for (const one of steps) {
    if ('fault' in one) {
      const { fault, variant, seed } = one;
      const variants = variantsOf(fault);
      const seen = { quorum, impaired: account.hitBy(['kill', 'pause']), losses: account.losses };
      const injection = await fault.inject(field(seed, seen), variants[variant % variants.length] as string);
      if (injection.evidence.outcome === 'skipped') await injection.heal();
      else inForce.push({ injection, settle: account.add(injection, fault) });
    } else if ('heal' in one) {
      const [healed] = inForce.splice(one.heal % Math.max(1, inForce.length), 1);
      await healed?.injection.heal();
      healed?.settle();
    } else await world.time.sleep(one.passMs);
    most = Math.max(most, inForce.length);
    if (!(await majorityNow())) lost++;
  }
  for (const { injection } of inForce) await injection.heal();
  return { most, lost };

  /** As the world is, whatever anybody has written down. */
  async function majorityNow(): Promise<boolean> {
    const up = new Set(world.nodes.filter(({ now }) => now === 'running').map(({ name }) => name));
    const ill = [
      ...(await wrongClocks(world.nodes, world.time)),
      ...(await wanting(world.nodes)),
      ...(await illDisks(world.nodes)),
    ];
    const out = nodes.filter((name) => !up.has(name) || ill.some((line) => line.startsWith(name)));
    return majorityByHand(nodes, world.cuts(), new Set(out));
  }
}

test('with `never`, no faults that are in force together take the majority, whatever strikes and heals when', async () => {
  const seen = { overlapped: 0, lostOtherwise: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 3, max: 5 }),
      fc.array(step, { minLength: 3, maxLength: 10 }),
      async (size, steps) => {
        const { most, lost } = await play(size, 'never', steps);
        expect(lost).toBe(0);
        if (most >= 2) seen.overlapped++;
        if ((await play(size, 'always', steps)).lost > 0) seen.lostOtherwise++;
      },
    ),
  );
  // It could have failed: faults did overlap, and the same ones with leave to do so took it.
  expect(seen.overlapped).toBeGreaterThan(5);
  expect(seen.lostOtherwise).toBeGreaterThan(5);
});

import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Link, Network } from '../runtime.ts';
import { sharedCuts } from './links.ts';

const names = ['n1', 'n2', 'n3', 'n4'];
const links = names.flatMap((from) => names.filter((to) => to !== from).map((to): Link => ({ from, to })));
const id = ({ from, to }: Link): string => `${from}→${to}`;

/** A network that takes its time, differently for each request, and may refuse. */
function slowNetwork(
  delays: readonly number[],
): Network & { readonly cut: () => readonly string[]; refuse: boolean } {
  let cut: readonly string[] = [];
  let requests = 0;
  return {
    refuse: false,
    async setCuts(cuts) {
      for (let turns = delays[requests++ % delays.length] ?? 0; turns > 0; turns--) await Promise.resolve();
      if (this.refuse) throw new Error('refused');
      cut = cuts.map(id);
    },
    probe: (asked) => Promise.resolve(asked.map((link) => !cut.includes(id(link)))),
    cut: () => cut.toSorted(),
  };
}

const step = fc.oneof(
  fc.record({ act: fc.constant('cut' as const), links: fc.subarray(links) }),
  fc.record({ act: fc.constant('undo' as const), which: fc.nat(20) }),
  fc.record({ act: fc.constant('wait' as const) }),
);

test('what is cut is always the union of the cuts that nobody has taken back', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 30 }),
    fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }),
    async (steps, delays) => {
      const network = slowNetwork(delays);
      const shared = sharedCuts(network);
      // The model: each cut counts its links up, its first undo counts them down.
      const count = new Map(links.map((link) => [id(link), 0]));
      const add = (cut: readonly Link[], by: number): void => {
        for (const link of cut) count.set(id(link), (count.get(id(link)) ?? 0) + by);
      };
      const made: { links: readonly Link[]; undone: boolean; undo: Promise<() => Promise<void>> }[] = [];
      let pending: Promise<unknown>[] = [];
      const observed: (readonly string[])[] = [];
      const expected: (readonly string[])[] = [];
      for (const each of [...steps, { act: 'wait' as const }]) {
        if (each.act === 'cut') {
          add(each.links, 1);
          const undo = shared.add(each.links);
          made.push({ links: each.links, undone: false, undo });
          pending.push(undo);
        } else if (each.act === 'undo' && made.length > 0) {
          const cut = made[each.which % made.length] as (typeof made)[number];
          if (!cut.undone) add(cut.links, -1);
          cut.undone = true;
          pending.push((await cut.undo)());
        } else {
          await Promise.all(pending);
          pending = [];
          observed.push(network.cut());
          expected.push([...count.keys()].filter((link) => count.get(link) !== 0).toSorted());
        }
      }
      expect(observed).toEqual(expected);
    },
  );
  await fc.assert(property);
});

test('a cut that the network refuses is not in force later', async () => {
  const network = slowNetwork([0]);
  const shared = sharedCuts(network);
  network.refuse = true;
  await expect(shared.add(links.slice(0, 2))).rejects.toThrow('refused');
  network.refuse = false;
  await shared.add(links.slice(3, 4));
  expect(network.cut()).toEqual(links.slice(3, 4).map(id));
});

test('an undo that the network refuses can be tried again', async () => {
  const network = slowNetwork([0]);
  const undo = await sharedCuts(network).add(links.slice(0, 2));
  network.refuse = true;
  await expect(undo()).rejects.toThrow('refused');
  network.refuse = false;
  await undo();
  expect(network.cut()).toEqual([]);
});

import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { batter } from '../kit/testing/batter.ts';
import type { Bug } from './bugs.ts';
import { after, NOTHING, type Zxid } from './messages.ts';
import { zabThat } from './zab.ts';

/** What primaries broadcast and nodes deliver, as the paper has it (§III): how often each promise was broken. */
interface Seen {
  readonly broadcast: number;
  readonly delivered: number;
  readonly epochs: number;
  /** Integrity: delivered, and never broadcast; or under the same number as something else. */
  readonly invented: number;
  /** Total order and agreement: what one node delivered next, another did not. */
  readonly disagreeing: number;
  /** Local and global primary order: delivered before what its primary, or an earlier one, had broadcast before it. */
  readonly outOfOrder: number;
  /** Primary integrity: a primary broadcast before it had delivered what of earlier epochs is ever delivered. */
  readonly premature: number;
}

async function introspect(seed: number, bug?: Bug): Promise<Seen> {
  const broadcast = new Map<string, string>();
  /** What each node delivered, one after the other, in each stretch in which nothing came in between. */
  const stretches: Zxid[][] = [];
  const current = new Map<string, Zxid[]>();
  const begin = (node: string, from: readonly Zxid[]): void => {
    const stretch = [...from];
    stretches.push(stretch);
    current.set(node, stretch);
  };
  /** Up to where the primary of an epoch had delivered what was before it. */
  const began = new Map<number, Zxid>();
  const seen = { invented: 0, outOfOrder: 0, premature: 0, delivered: 0 };

  const make = zabThat((node, it) => {
    const mine = current.get(node) as Zxid[];
    if (it.what === 'took over') return begin(node, [it.upTo]);
    const { zxid, ...rest } = it.txn;
    const [name, what] = [zxid.join(), JSON.stringify(rest)];
    if (it.what === 'broadcast') {
      if (broadcast.has(name)) seen.invented++;
      broadcast.set(name, what);
      if (!began.has(zxid[0])) began.set(zxid[0], mine.at(-1) ?? NOTHING);
      return;
    }
    seen.delivered++;
    if (broadcast.get(name) !== what) seen.invented++;
    if (!after(zxid, mine.at(-1) ?? NOTHING)) seen.outOfOrder++;
    mine.push(zxid);
  })({ options: {}, bug }) as unknown as MakeNode<Messages, Messages>;
  await batter({
    seed,
    through: 'anyone',
    make: (host) => {
      begin(host.id, []);
      return make(host);
    },
  });
  const next = new Map<string, string>();
  let disagreeing = 0;
  for (const stretch of stretches)
    for (const [i, zxid] of stretch.slice(1).entries()) {
      const before = (stretch[i] as Zxid).join();
      if ((next.get(before) ?? zxid.join()) !== zxid.join()) disagreeing++;
      next.set(before, zxid.join());
    }
  for (const [epoch, upTo] of began)
    if (stretches.flat().some((zxid) => zxid[0] < epoch && after(zxid, upTo))) seen.premature++;
  return { ...seen, broadcast: broadcast.size, epochs: began.size, disagreeing };
}

const SEEDS = Array.from({ length: 6 }, (_, i) => i + 1);
const KEPT = { invented: 0, disagreeing: 0, outOfOrder: 0, premature: 0 };

test('every node delivers what was broadcast, in one order, which is each primary’s and the primaries’', async () => {
  for (const seed of SEEDS) {
    const seen = await introspect(seed);
    if (process.env['LABRYS_SHOW']) console.log(seen);
    expect(seen).toMatchObject(KEPT);
    expect(seen.epochs).toBeGreaterThan(3);
    expect(seen.broadcast).toBeGreaterThan(200);
    expect(seen.delivered).toBeGreaterThan(seen.broadcast);
  }
});

test.each([
  ['forgets-epochs', ['invented']],
  ['delivers-proposals', ['disagreeing', 'premature']],
] as const)('%s breaks it', async (bug, promises) => {
  const seen = [];
  for (const seed of SEEDS) seen.push(await introspect(seed, bug));
  if (process.env['LABRYS_SHOW']) console.log(seen);
  for (const promise of promises) expect(seen.filter((one) => one[promise] > 0).length).toBeGreaterThan(0);
});

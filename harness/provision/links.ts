import type { Link, Network, ShapedLink, Shaping } from '../runtime.ts';

/**
 * What faults do to links, where they overlap. Two may cut the same link; it is whole again when the later of them heals.
 *
 *     partition  |---- n1→n2, n2→n1 ----|
 *     one-way             |---- n1→n2 ----|
 *     in force   |---- both ------------|--| n1→n2 alone
 *
 * The network knows only what is so now; whose doing it is, is known here.
 */
export interface SharedLinks<L extends Link> {
  /**
   * Do this too. The function returned takes back this alone; it may be called again, which changes nothing
   * but tries once more if the network failed the first time.
   */
  add(links: readonly L[]): Promise<() => Promise<void>>;
}

export const sharedCuts = (network: Network): SharedLinks<Link> =>
  shared((links) => network.setCuts(each(links, ([link]) => link)));

export const sharedShaping = (network: Network): SharedLinks<ShapedLink> =>
  shared(async (links) => {
    if (network.setShaping === undefined) throw new Error('this runtime cannot shape links');
    await network.setShaping(each(links, (same) => same.reduce(both)));
  });

function shared<L extends Link>(tell: (links: readonly L[]) => Promise<void>): SharedLinks<L> {
  const inForce = new Set<readonly L[]>();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, so that what the network is told last is what is wanted now. */
  const apply = (): Promise<void> => {
    const next = last.then(() => tell([...inForce].flat()));
    last = next.catch(() => undefined);
    return next;
  };

  return {
    async add(links) {
      // A copy: two faults may well pass the same array, and each has links of its own.
      const mine = [...links];
      inForce.add(mine);
      const undo = (): Promise<void> => {
        inForce.delete(mine);
        return apply();
      };
      try {
        await apply();
      } catch (error) {
        inForce.delete(mine);
        throw error;
      }
      return undo;
    },
  };
}

/** Every link once. */
function each<L extends Link>(links: readonly L[], join: (same: readonly [L, ...L[]]) => L): readonly L[] {
  const byName = Map.groupBy(links, ({ from, to }) => `${from} ${to}`);
  return [...byName.values()].map((same) => join(same as [L, ...L[]]));
}

/** As if what is sent had to pass first the one and then the other. */
function both(one: ShapedLink, other: ShapedLink): ShapedLink {
  const sum = (a = 0, b = 0): number => a + b;
  const either = (a = 0, b = 0): number => 1 - (1 - a) * (1 - b);
  const rates = [one.bytesPerSecond, other.bytesPerSecond].filter((rate) => rate !== undefined);
  const shaping: Required<Omit<Shaping, 'bytesPerSecond'>> = {
    delayMs: sum(one.delayMs, other.delayMs),
    jitterMs: sum(one.jitterMs, other.jitterMs),
    loss: either(one.loss, other.loss),
    duplicate: either(one.duplicate, other.duplicate),
    corrupt: either(one.corrupt, other.corrupt),
    reorder: either(one.reorder, other.reorder),
    reset: either(one.reset, other.reset),
    hold: one.hold === true || other.hold === true,
  };
  const { from, to } = one;
  return { from, to, ...shaping, ...(rates.length > 0 && { bytesPerSecond: Math.min(...rates) }) };
}

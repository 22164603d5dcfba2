import type { Link, Network } from '../runtime.ts';

/**
 * Cuts that overlap. Two faults may cut the same link; it is whole again when the later of them heals.
 *
 *     partition  |---- n1→n2, n2→n1 ----|
 *     one-way             |---- n1→n2 ----|
 *     in force   |---- both ------------|--| n1→n2 alone
 *
 * The network knows only what is cut now; whose cut it is, is known here.
 */
export interface SharedCuts {
  /**
   * Cut these too. The function returned takes back this cut alone; it may be called again, which changes nothing
   * but tries once more if the network failed the first time.
   */
  cut(links: readonly Link[]): Promise<() => Promise<void>>;
}

export function sharedCuts(network: Network): SharedCuts {
  const inForce = new Set<readonly Link[]>();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, so that what the network is told last is what is wanted now. */
  const apply = (): Promise<void> => {
    const next = last.then(() => network.setCuts(union(inForce)));
    last = next.catch(() => undefined);
    return next;
  };

  return {
    async cut(links) {
      // A copy: two faults may well pass the same array, and each has a cut of its own.
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

function union(cuts: Iterable<readonly Link[]>): readonly Link[] {
  const links = [...cuts].flat();
  return [...new Map(links.map((link) => [`${link.from} ${link.to}`, link])).values()];
}

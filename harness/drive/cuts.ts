import type { Link, Network } from '../runtime.ts';

/**
 * Lets several cuts be in force at once, although a network knows one set: each that is taken back leaves the others as
 * they are. Changes are applied one after the other, so that the last is the one that stays.
 */
export function sharedCuts(network: Network): (links: readonly Link[]) => Promise<() => Promise<void>> {
  const cuts = new Set<readonly Link[]>();
  let last: Promise<void> = Promise.resolve();
  const apply = (): Promise<void> => {
    const next = last.then(() =>
      network.setCuts([
        ...new Map([...cuts].flat().map((link) => [`${link.from} ${link.to}`, link])).values(),
      ]),
    );
    last = next.catch(() => {});
    return next;
  };
  return async (links) => {
    const mine = [...links];
    const takeBack = async (): Promise<void> => {
      cuts.delete(mine);
      await apply();
    };
    cuts.add(mine);
    try {
      await apply();
    } catch (error) {
      cuts.delete(mine);
      throw error;
    }
    return takeBack;
  };
}

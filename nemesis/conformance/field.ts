import type { Field, Quorum } from '../../harness/fault.ts';
import { seeded } from '../../harness/random.ts';
import type { Link } from '../../harness/runtime.ts';
import type { FaultWorld } from './conformance.ts';

export interface FieldOptions {
  readonly quorum?: Quorum;
  readonly impaired?: Iterable<string>;
}

/** The fields of strikes on one world: cuts of all of them add up. */
export function battlefield(world: FaultWorld): {
  readonly field: (seed: number, more?: FieldOptions) => Field;
} {
  const { cluster, time } = world;
  const cuts = new Set<readonly Link[]>();
  const apply = (): Promise<void> => cluster.network.setCuts([...cuts].flat());
  return {
    field: (seed, { quorum = 'always', impaired = [] } = {}) => ({
      nodes: cluster.nodes,
      network: cluster.network,
      time,
      random: seeded(seed),
      signal: new AbortController().signal,
      quorum,
      impaired: new Set(impaired),
      leaders: async () => (await world.leaders?.()) ?? [],
      restart: (node) => world.restart(node),
      cut: async (links) => {
        const mine = [...links];
        cuts.add(mine);
        await apply();
        return async () => {
          if (cuts.delete(mine)) await apply();
        };
      },
    }),
  };
}

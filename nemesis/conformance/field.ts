import type { Field, Quorum } from '../../harness/fault.ts';
import type { Loss } from '../../harness/quorum.ts';
import { sharedCuts, sharedShaping } from '../../harness/provision/links.ts';
import { seeded } from '../../harness/random.ts';
import type { FaultWorld } from './conformance.ts';

export interface FieldOptions {
  readonly quorum?: Quorum;
  readonly impaired?: Iterable<string>;
  /** Unless it says, that the impaired are out. */
  readonly losses?: readonly Loss[];
}

/** The fields of strikes on one world: what all of them do to links adds up. */
export function battlefield(world: FaultWorld): {
  readonly field: (seed: number, more?: FieldOptions) => Field;
} {
  const { cluster, time } = world;
  const { add: cut } = sharedCuts(cluster.network);
  const { add: shape } = sharedShaping(cluster.network);
  return {
    field: (seed, { quorum = 'always', impaired = [], losses = [{ nodes: [...impaired] }] } = {}) => ({
      nodes: cluster.nodes,
      network: cluster.network,
      time,
      random: seeded(seed),
      signal: new AbortController().signal,
      quorum,
      impaired: new Set(impaired),
      losses: losses.filter(({ nodes = [], cuts = [] }) => nodes.length + cuts.length > 0),
      leaders: async (among = cluster.nodes) =>
        ((await world.leaders?.()) ?? []).filter(({ node }) => among.some(({ name }) => name === node)),
      inRole: async (role, among) => among.filter(({ name }) => world.roles?.[name] === role),
      acknowledged: () => Math.floor(time.now() / 1e6),
      hush: () => () => {},
      divert: () => () => {},
      ...(world.members && { members: world.members }),
      ...(world.chores && { chores: world.chores }),
      ...(world.arm && { arm: world.arm }),
      note: () => {},
      restart: (node) => world.restart(node),
      cut,
      shape,
    }),
  };
}

import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { batter } from '../kit/testing/batter.ts';
import type { Bug } from './bugs.ts';
import type { RaftMessages } from './messages.ts';
import protocol from './raft.ts';

interface Seen {
  readonly leaders: number;
  /** Terms with more than one leader: election safety (figure 3) says that there is none. */
  readonly contested: number;
  readonly entries: number;
  /** Places where two entries of the same term differ: log matching says that there is none. */
  readonly mismatched: number;
}

/** Looks into the nodes: who says that it leads which term, and which entries leaders send. Nodes are killed and cut off meanwhile. */
async function introspect(
  seed: number,
  bug?: Bug,
  options: Readonly<Record<string, string>> = {},
): Promise<Seen> {
  const leaders = new Map<number, Set<string>>();
  const entries = new Map<string, Set<string>>();
  const note = <K, V>(map: Map<K, Set<V>>, key: K, value: V): void =>
    void map.set(key, (map.get(key) ?? new Set()).add(value));
  const make = protocol({ options, bug }) as unknown as MakeNode<Messages, Messages>;
  await batter({
    seed,
    through: 'leader',
    make: (host) =>
      make({
        ...host,
        report: (status) => {
          if (status.role === 'leader' && status.term !== undefined) note(leaders, status.term, host.id);
          host.report(status);
        },
        call: (to, name, body, ...rest) => {
          if (name === 'append') {
            const { prevIndex, entries: sent } = body as RaftMessages['append']['in'];
            sent.forEach(({ term, command }, i) =>
              note(entries, `${prevIndex + 1 + i} ${term}`, JSON.stringify(command)),
            );
          }
          return host.call(to, name, body, ...rest);
        },
      }),
  });
  const several = (map: Map<unknown, Set<string>>): number =>
    [...map.values()].filter(({ size }) => size > 1).length;
  return {
    leaders: leaders.size,
    contested: several(leaders),
    entries: entries.size,
    mismatched: several(entries),
  };
}

const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1);

test('a term has one leader at most, and a place and a term one entry (election safety, log matching)', async () => {
  for (const seed of SEEDS) {
    const seen = await introspect(seed);
    expect(seen).toMatchObject({ contested: 0, mismatched: 0 });
    expect(seen.leaders).toBeGreaterThan(3);
    expect(seen.entries).toBeGreaterThan(100);
  }
});

test('they hold with a pipeline and with leaders that hand over, too; an heir without votes makes a term have two', async () => {
  const options = { pipeline: '8', handover: '700' };
  const contested = [];
  for (const seed of SEEDS) {
    const seen = await introspect(seed, undefined, options);
    expect(seen).toMatchObject({ contested: 0, mismatched: 0 });
    expect(seen.leaders).toBeGreaterThan(3);
    contested.push((await introspect(seed, 'heir-without-vote', options)).contested);
  }
  expect(Math.max(...contested)).toBeGreaterThan(0);
});

test('votes that are not kept give a term two leaders, and a place two entries of one term', async () => {
  const seen = [];
  for (const seed of SEEDS) seen.push(await introspect(seed, 'vote-not-persisted'));
  if (process.env['LABRYS_SHOW']) console.log(seen);
  expect(seen.filter(({ contested }) => contested > 0).length).toBeGreaterThan(0);
  expect(seen.filter(({ mismatched }) => mismatched > 0).length).toBeGreaterThan(0);
});

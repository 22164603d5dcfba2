import { describe, expect, test } from 'vitest';
import { bugs, type Bug } from './bugs.ts';
import protocol from './raft.ts';
import { swarm } from './testing/swarm.ts';

describe('under a swarm of faults, in the simulation', () => {
  test.each([
    [3, 12],
    [5, 5],
  ])('correct Raft on %d nodes stays linearizable, and answers, in %d runs', async (nodes, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { violation, ok, history } = await swarm({ seed, nodes, seconds: 20 });
      expect(violation, `seed ${seed}:\n${history.slice(-20).join('\n')}`).toBeUndefined();
      expect(ok).toBeGreaterThan(20);
    }
  });

  test.each(Object.keys(bugs) as Bug[])('%s is found', async (bug) => {
    for (let seed = 1; seed <= 120; seed++) {
      const { violation } = await swarm({ seed, bug });
      if (violation !== undefined) return;
    }
    expect.unreachable(`120 seeds, and nobody noticed ${bug}`);
  });

  test('the same seed gives the same history, byte for byte', async () => {
    const [first, second, other] = [
      await swarm({ seed: 11 }),
      await swarm({ seed: 11 }),
      await swarm({ seed: 12 }),
    ];
    expect(second).toEqual(first);
    expect(other.history).not.toEqual(first.history);
  });

  test('one node alone is a cluster too', async () => {
    const { violation, ok } = await swarm({ seed: 1, nodes: 1, seconds: 10 });
    expect(violation).toBeUndefined();
    expect(ok).toBeGreaterThan(20);
  });
});

test('a bug that nobody has seeded is refused by name', () => {
  expect(() => protocol({ options: {}, bug: 'off-by-one' })).toThrow('raft has no bug off-by-one');
});

import { describe, expect, test } from 'vitest';
import { bugs, type Bug } from './bugs.ts';
import protocol from './raft.ts';
import { swarm } from './testing/swarm.ts';

/** Without these there is no mistake to be made. */
const needs: Partial<Record<Bug, Readonly<Record<string, string>>>> = {
  'counts-sent': { pipeline: '8' },
  'heir-without-vote': { handover: '1000' },
};

describe('under a swarm of faults, in the simulation', () => {
  test.each([
    [3, 12, {}],
    [5, 5, {}],
    [3, 8, { pipeline: '8', handover: '1000' }],
  ])(
    'correct Raft on %d nodes stays linearizable, and answers, in %d runs %j',
    async (nodes, seeds, options) => {
      for (let seed = 1; seed <= seeds; seed++) {
        const { violation, ok, history } = await swarm({ seed, nodes, options, seconds: 20 });
        expect(violation, `seed ${seed}:\n${history.slice(-20).join('\n')}`).toBeUndefined();
        expect(ok).toBeGreaterThan(20);
      }
    },
  );

  test.each(Object.keys(bugs) as Bug[])('%s is found', async (bug) => {
    for (let seed = 1; seed <= 120; seed++) {
      const { violation } = await swarm({ seed, bug, options: needs[bug] ?? {} });
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
  expect(() => protocol({ options: { pipeline: '0' }, bug: undefined })).toThrow(
    'raft: pipeline should be a whole number from 1, and is 0',
  );
});

import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';
import hashSlots, { type HashSlotsOps } from './hash-slots.ts';

/** Moves everything in a moment. */
function cluster(flaw?: 'forgets' | 'moves all' | 'keeps' | 'loses'): Reference<HashSlotsOps> {
  const values = new Map<Key | undefined, number>();
  const names = ['n1', 'n2', 'n3'];
  let writes = 0;
  return (key, f, input) => {
    if (f === 'read') return values.get(key) ?? null;
    if (f === 'write') {
      if (flaw !== 'forgets' || ++writes % 100 !== 0) values.set(key, input as number);
      return undefined;
    }
    const keys = [...values.keys()] as string[];
    if (f === 'resize') {
      const [before, after] = input === 'join' ? [2, 3] : [3, 2];
      return [before, after, flaw === 'moves all' ? keys.length : Math.round(keys.length / 3), keys.length];
    }
    // The reference is not told which node is asked, so all say the same.
    return [1, names, flaw === 'keeps' ? keys : []];
  };
}

workloadConformance(hashSlots, {
  options: { every: 0.02 },
  reference: () => told(cluster()),
  mistakes: {
    'forgets a write': () => told(cluster('forgets')),
    'moves every key': () => told(cluster('moves all')),
    'a node keeps what another has': () => cluster('keeps'),
    'nobody has what was written': () => cluster('loses'),
  },
});

/** Each answer in an epoch of its own, so that none can contradict another. */
function told(of: Reference<HashSlotsOps>): Reference<HashSlotsOps> {
  let epoch = 0;
  return (key, f, input) => (f === 'owned' ? [++epoch, ['n1', 'n2', 'n3'], []] : of(key, f, input));
}

test('options that make no sense are refused, every reason at once', () => {
  const wrong = { keys: 3, every: -1, moves: 0.5, share: 1 };
  expect(() => hashSlots.main(wrong, seeded(1))).toThrow(
    'workload hash-slots: keys should be a whole number from 10; every should be seconds from 0; moves and share should be 0, or numbers from 1',
  );
});

import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';
import consensus, { type ConsensusOps } from './consensus.ts';

/** Decides the first proposal. `tell` says what is told of the n-th decision that is asked for. */
function decides(
  tell: (decided: number, n: number) => number = (decided) => decided,
): Reference<ConsensusOps> {
  const decisions = new Map<Key | undefined, number>();
  let told = 0;
  return (key, f, input) => {
    if (f === 'propose' && !decisions.has(key)) decisions.set(key, input as number);
    const decided = decisions.get(key);
    return decided === undefined ? null : tell(decided, ++told);
  };
}

/** Every fiftieth proposal decides anew. */
function forgets(): Reference<ConsensusOps> {
  const object = decides();
  let proposals = 0;
  return (key, f, input) => (f === 'propose' && ++proposals % 50 === 0 ? input : object(key, f, input));
}

workloadConformance(consensus, {
  reference: () => decides(),
  mistakes: {
    'an instance decides twice': forgets,
    'a decision that nobody proposed': () =>
      decides((decided, n) => (n % 50 === 0 ? decided + 0.5 : decided)),
  },
});

test('options that make no sense are refused, every reason at once', () => {
  expect(() => consensus.main({ proposals: 0, open: 0, learned: 1 }, seeded(1))).toThrow(
    'workload consensus: proposals should be a whole number from 1; open should be a whole number from 1; learned should be a share from 0, below 1',
  );
});

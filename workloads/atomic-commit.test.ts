import type { Key } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import atomicCommitment, { type AtomicCommitOps, type Standing } from './atomic-commit.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { generatorOf, simulate, type Reference } from './conformance/simulate.ts';

type Input = AtomicCommitOps['transact']['in'];

/** Decides at once, for all nodes. `answer` says what a node tells of the n-th question. */
function decided(
  answer: (told: Standing, questions: number, f: string) => Standing = (told) => told,
  decide: (no: number | null) => 'commit' | 'abort' = (no) => (no === null ? 'commit' : 'abort'),
): Reference<AtomicCommitOps> {
  const known = new Map<Key | undefined, Standing>();
  let questions = 0;
  return (key, f, input) => {
    if (f !== 'transact') return answer(known.get(key) ?? ['unknown', null], ++questions, f);
    const [value, no] = input as Input;
    const decision = decide(no);
    known.set(key, [decision, decision === 'commit' ? value : null]);
    return decision;
  };
}

const now_and_then = (questions: number): boolean => questions % 50 === 0;

workloadConformance(atomicCommitment, {
  reference: () => decided(),
  mistakes: {
    'a node decides for itself': () =>
      decided((told, n) => (now_and_then(n) && told[0] === 'commit' ? ['abort', null] : told)),
    'nobody minds who votes no': () =>
      decided(
        (told) => told,
        () => 'commit',
      ),
    'a node loses what it committed': () =>
      decided((told, n) => (now_and_then(n) && told[0] === 'commit' ? ['commit', null] : told)),
    'a node keeps what it aborted': () =>
      decided((told, n) => (now_and_then(n) && told[0] === 'abort' ? ['abort', 7] : told)),
    'a node stays in doubt': () =>
      decided((told, _, f) => (f === 'settled' && told[1] === 20 ? ['prepared', null] : told)),
    'a node never hears of a commit': () =>
      decided((told, _, f) => (f === 'settled' && told[1] === 20 ? ['unknown', null] : told)),
  },
});

test('a transaction is asked for once, unless it certainly did not happen', () => {
  const settings = { seed: 2, operations: 5000, clients: 8, lost: 0.2, reads: atomicCommitment.reads };
  const asked = simulate(
    atomicCommitment.main(atomicCommitment.defaults, seeded(2)),
    decided(),
    settings,
  ).filter(({ f }) => f === 'transact');
  const open = new Set<unknown>();
  for (const { key, type } of asked) {
    if (type === 'invoke') expect(open.has(key)).toBe(false);
    if (type === 'fail') open.delete(key);
    else open.add(key);
  }
  // Their numbers leave no gaps.
  expect(open.has(`x${open.size - 1}`) || open.has(`x${open.size}`)).toBe(true);
});

test('after the faults every node is asked about every transaction, and some more are asked for', () => {
  const object = decided();
  const settings = { seed: 3, operations: 3000, clients: 6, lost: 0.05, reads: atomicCommitment.reads };
  const main = simulate(atomicCommitment.main(atomicCommitment.defaults, seeded(3)), object, settings);
  const committed = new Set(
    main.flatMap(({ f, type, value, key }) =>
      f === 'transact' && type === 'ok' && value === 'commit' ? [key] : [],
    ),
  );
  const source = generatorOf(atomicCommitment.final!(atomicCommitment.defaults, seeded(3)));
  const final = simulate(source, object, { ...settings, operations: 20_000 });
  for (const node of ['n1', 'n2', 'n3']) {
    const told = new Set(
      final.filter(({ f, node: at }) => f === 'settled' && at === node).map(({ key }) => key),
    );
    expect(committed.difference(told)).toEqual(new Set());
  }
  expect(committed.size).toBeGreaterThan(400);
  expect(final.filter(({ f, type }) => f === 'transact' && type === 'invoke')).toHaveLength(10);
});

test('shares that make no sense are refused, every reason at once', () => {
  const wrong = { transact: 0, refused: 2, afterwards: 0 };
  expect(() => atomicCommitment.main(wrong, seeded(1))).toThrow(
    'workload atomic-commit: transact should be a share above 0, up to 1; refused should be a share from 0 to 1; afterwards should be a whole number from 1',
  );
});

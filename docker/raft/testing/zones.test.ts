import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { notLinearizable, type RegisterOperation } from './zones.ts';

/** Every order that keeps real time, tried one by one. */
function bruteForce(left: readonly RegisterOperation[], value: number | null = null): boolean {
  if (left.every(({ returned }) => returned === Infinity)) return true;
  const firstReturn = Math.min(...left.map(({ returned }) => returned));
  return left.some((it) => {
    if (it.called > firstReturn || (it.f === 'read' && it.value !== value)) return false;
    return bruteForce(
      left.filter((other) => other !== it),
      it.value,
    );
  });
}

test('zones and trying every order come to the same answer', () => {
  const drawn = array(
    record({
      f: constantFrom('read' as const, 'write' as const),
      saw: nat(4),
      called: nat(20),
      took: nat(12),
      known: nat(5),
    }),
    { maxLength: 7 },
  );
  const answers = new Set<boolean>();
  assert(
    property(drawn, (them) => {
      const writes = them.filter(({ f }) => f === 'write').length;
      let written = 0;
      // Times are made different from one another: of two at once, neither comes first.
      const operations = them.map(({ f, saw, called, took, known }, i): RegisterOperation => {
        const value = f === 'write' ? ++written : saw % (writes + 1) || null;
        const returned = f === 'write' && known === 0 ? Infinity : (called + took) * 20 + 2 * i + 1;
        return { f, value, called: called * 20 + 2 * i, returned };
      });
      const linearizable = notLinearizable(operations) === undefined;
      answers.add(linearizable);
      expect(linearizable).toBe(bruteForce(operations));
    }),
    { numRuns: 2_000 },
  );
  expect(answers.size).toBe(2);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../checker.ts';
import { setHistory } from '../../generate/set-history.ts';
import type { History } from '../../history.ts';
import { set, type SetOps } from '../../models/index.ts';
import { FALSE, TRUE } from '../../table/values.ts';
import { linearizable } from '../linearizable.ts';
import { histories, holdAgainstReference, plenty, runs, type Vocabulary } from '../testing.ts';
import { verify } from '../../verify/verify.ts';

const subsets = [[], [1], [2], [3], [1, 2], [2, 1], [1, 3], [2, 3], [3, 1, 2], [4, 1, 2, 3], [1, 1]];
const contains: Vocabulary = { f: 'contains', inputs: [1, 2, 3], answers: [true, false] };

test.each<readonly [string, readonly Vocabulary[]]>([
  [
    'whose elements come and go',
    [
      { f: 'add', inputs: [1, 2], answers: [undefined] },
      { f: 'remove', inputs: [1, 2], answers: [undefined] },
      contains,
    ],
  ],
  [
    'of one element that comes and goes',
    [
      { f: 'add', inputs: [1], answers: [undefined] },
      { f: 'remove', inputs: [1], answers: [undefined] },
      { f: 'contains', inputs: [1], answers: [true, false] },
    ],
  ],
  [
    'that only grows, and is read whole',
    [
      { f: 'add', inputs: [3, 1, 2, 4, 5, 6, 7, 8, 9], once: true, answers: [undefined] },
      contains,
      { f: 'read', inputs: [undefined], answers: subsets },
    ],
  ],
])('a set %s is judged as by brute force', (_, words) => {
  const found = { true: 0, false: 0 };
  for (const honest of [0.75, 0.95])
    fc.assert(
      fc.property(histories(set, words, { operations: 9, clients: 5, honest }), (history) => {
        const { valid, facts } = holdAgainstReference(history, set);
        expect(facts['algorithm']).not.toContain('search over configurations');
        found[String(valid) as 'true']++;
      }),
      { numRuns: runs(2000) },
    );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(runs(100));
});

const loads = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 400 }),
  clients: fc.integer({ min: 1, max: 20 }),
  reads: fc.constantFrom(0, 0.1),
});

test('what a correct set did is valid, and the order that proves it holds', () => {
  fc.assert(
    fc.property(loads, fc.constantFrom(0, 0.05, 0.3), (load, crashed) => {
      const history: History<SetOps> = setHistory({ ...load, crashed });
      const verdict = judge(history);
      expect(verdict.valid).toBe(true);
      expect(verify(verdict, history)).toBeUndefined();
    }),
    { numRuns: runs(250) },
  );
});

test('an element that is said to be there too early or to be gone too early is found out, and is in the counterexample', () => {
  let told = 0;
  fc.assert(
    fc.property(loads, fc.nat(), (load, pick) => {
      const history: History<SetOps> = setHistory(load);
      const all = [...history];
      const looks = all.filter(({ f, outcome }) => f === 'contains' && outcome === 'ok');
      const about = (f: string, input: unknown) => all.find((op) => op.f === f && op.input === input);
      // Nobody added it yet, or somebody did and nobody has begun to remove it.
      const certain = looks.filter((look) => {
        const [added, removed] = [about('add', look.input), about('remove', look.input)];
        if (look.output === false) return !added || added.call > look.return;
        return added !== undefined && added.return < look.call && (!removed || removed.call > look.return);
      });
      const lie = certain[pick % certain.length];
      fc.pre(lie !== undefined);
      told++;
      history.output[lie!.id] = lie!.output === true ? FALSE : TRUE;
      const verdict = judge(history);
      expect(verdict.valid).toBe(false);
      expect(verify(verdict, history)).toBeUndefined();
      expect(verdict.anomalies[0]?.operations).toContain(lie!.id);
    }),
    { numRuns: runs(100) },
  );
  expect(told).toBeGreaterThan(0);
});

function judge(history: History<SetOps>): Verdict {
  return linearizable(set, { proof: true }).check(history, plenty()) as Verdict;
}

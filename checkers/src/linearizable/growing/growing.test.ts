import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../checker.ts';
import { growingHistory } from '../../generate/growing-history.ts';
import type { Operations } from '../../history.ts';
import type { Model } from '../../model.ts';
import { appendList, kv } from '../../models/index.ts';
import { linearizable } from '../linearizable.ts';
import { histories, holdAgainstReference, plenty, runs, type Vocabulary } from '../testing.ts';
import { verify } from '../../verify/verify.ts';
import { Budget } from '../budget.ts';
import { judgeGrowing } from './judge-growing.ts';

// Each has operations of its own; here both are looked at alike.
const texts = kv as unknown as Model<Operations, unknown>;
const lists = appendList as unknown as Model<Operations, unknown>;

/** What a text can have become out of few parts, so that wrong answers are not far from right ones. */
function* compositions(parts: readonly string[], most: number): Generator<string[]> {
  yield [];
  if (most === 0) return;
  for (const part of parts)
    for (const rest of compositions(
      parts.filter((other) => other !== part),
      most - 1,
    ))
      yield [part, ...rest];
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
const few = [...compositions(letters, 4)];

test.each([
  [
    'a text',
    texts,
    [
      { f: 'append', inputs: letters, once: true, answers: [undefined] },
      { f: 'put', inputs: letters, once: true, answers: [undefined] },
      { f: 'get', inputs: [undefined], answers: few.map((parts) => parts.join('')) },
    ],
  ],
  [
    'a list',
    lists,
    [
      { f: 'append', inputs: letters, once: true, answers: [undefined] },
      { f: 'read', inputs: [undefined], answers: few },
    ],
  ],
] as const)('%s to which nothing is appended twice is judged as by brute force', (_, model, words) => {
  const found = { true: 0, false: 0, unfit: 0 };
  for (const honest of [0.7, 0.97])
    fc.assert(
      fc.property(
        histories(model, words as readonly Vocabulary[], { operations: 6, clients: 4, honest }),
        (history) => {
          holdAgainstReference(history, model);
          found[String(judgeGrowing(history, model.growth!, new Budget(plenty())).valid) as 'true']++;
        },
      ),
      { numRuns: runs(2500) },
    );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(runs(300));
  expect(found.unfit).toBe(0);
});

test.each([
  [
    'a text',
    texts,
    [
      { f: 'append', inputs: ['a', 'b', 'a', 'c', 'b'], answers: [undefined] },
      { f: 'put', inputs: ['b', 'd', 'd'], answers: [undefined] },
      {
        f: 'get',
        inputs: [undefined],
        answers: [...compositions(['a', 'b', 'c', 'd', 'a'], 3)].map((parts) => parts.join('')),
      },
    ],
  ],
  [
    'a list',
    lists,
    [
      { f: 'append', inputs: ['a', 'b', 'a', 'c'], answers: [undefined] },
      { f: 'read', inputs: [undefined], answers: [...compositions(['a', 'b', 'c', 'a'], 3)] },
    ],
  ],
] as const)('%s to which the same is put more than once is judged as by brute force', (_, model, words) => {
  const found = { true: 0, false: 0, unfit: 0 };
  for (const honest of [0.7, 0.97])
    fc.assert(
      fc.property(
        histories(model, words as readonly Vocabulary[], { operations: 7, clients: 4, honest }),
        (history) => {
          holdAgainstReference(history, model);
          found[String(judgeGrowing(history, model.growth!, new Budget(plenty())).valid) as 'true']++;
        },
      ),
      { numRuns: runs(2500) },
    );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(runs(300));
});

test('texts that can be read in two ways are left to the search, and judged as by brute force', () => {
  let unfit = 0;
  const words: Vocabulary[] = [
    { f: 'append', inputs: ['a', 'ab', 'b', 'a', ''], answers: [undefined] },
    { f: 'put', inputs: ['', 'ab'], answers: [undefined] },
    { f: 'get', inputs: [undefined], answers: ['', 'a', 'ab', 'b', 'aba', 'abab', 'abb', 'aab'] },
  ];
  fc.assert(
    fc.property(histories(texts, words, { operations: 6, honest: 0.9 }), (history) => {
      holdAgainstReference(history, texts);
      if (judgeGrowing(history, kv.growth!, new Budget(plenty())).valid === 'unfit') unfit++;
    }),
    { numRuns: runs(2000) },
  );
  expect(unfit).toBeGreaterThan(runs(500));
});

const loads = fc.record({
  seed: fc.nat(),
  operations: fc.integer({ min: 1, max: 400 }),
  clients: fc.integer({ min: 1, max: 50 }),
  crashed: fc.constantFrom(0, 0.05, 0.2),
  puts: fc.constantFrom(0, 0.05, 0.3),
});

test('what a correct store of texts did is valid without a search, and the order that proves it holds', () => {
  fc.assert(
    fc.property(loads, (load) => {
      const history = growingHistory(load);
      const verdict = linearizable(kv).check(history, plenty()) as Verdict;
      expect(verdict).toMatchObject({ valid: true, facts: { explored: 0 } });
      expect(verify(verdict, history, kv)).toBeUndefined();
    }),
    { numRuns: runs(150) },
  );
});

test('a get that missed what had been read before is found among fifty clients, and shown by few operations', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const history = growingHistory({ operations: 1500, clients: 50, puts: 0.05, seed, stale: 1 });
      const verdict = linearizable(kv).check(history, plenty()) as Verdict;
      expect(verdict.valid).toBe(false);
      const [anomaly] = verdict.anomalies;
      expect(anomaly?.operations.length).toBeLessThan(100);
      // Of more there may be too many orders to try them all.
      if ((anomaly?.operations.length ?? 0) < 10) expect(verify(verdict, history, kv)).toBeUndefined();
    }),
    { numRuns: runs(15) },
  );
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Model } from '../model.ts';
import * as models from '../models/index.ts';
import { linearize } from './reference.ts';
import { histories, holdAgainstReference, runs, type Vocabulary } from './testing.ts';

const values = [null, 1, 2, 3];
const pairs = [1, 2, 3].flatMap((from) => [1, 2, 3].map((to) => [from, to]));
const read: Vocabulary = { f: 'read', inputs: [undefined], answers: values };
const write: Vocabulary = { f: 'write', inputs: [1, 2, 3], answers: [undefined] };
const cas: Vocabulary = { f: 'cas', inputs: pairs, answers: [true, false] };
const lists = [[], [1], [2], [1, 2], [2, 1], [1, 2, 3], [3, 2, 1], [2, 3], [1, 3]];

const objects: readonly (readonly [Model<never, unknown>, readonly Vocabulary[]])[] = (
  [
    [models.register, [read, write]],
    [models.casRegister, [read, write, cas]],
    [
      models.mutex,
      [
        { f: 'acquire', inputs: [undefined], answers: [true, false] },
        { f: 'release', inputs: [undefined], answers: [true, false] },
      ],
    ],
    [
      models.lock,
      [
        { f: 'acquire', inputs: [undefined], answers: [1, 2, 3, false] },
        { f: 'release', inputs: [undefined], answers: [true, false] },
      ],
    ],
    [
      models.set,
      [
        { f: 'add', inputs: [1, 2, 3], answers: [undefined] },
        { f: 'remove', inputs: [1, 2], answers: [undefined] },
        { f: 'contains', inputs: [1, 2, 3], answers: [true, false] },
        { f: 'read', inputs: [undefined], answers: lists },
      ],
    ],
    [
      models.queue,
      [
        { f: 'enqueue', inputs: [1, 2, 3], answers: [undefined] },
        { f: 'dequeue', inputs: [undefined], answers: values },
      ],
    ],
    [
      models.stack,
      [
        { f: 'push', inputs: [1, 2, 3], answers: [undefined] },
        { f: 'pop', inputs: [undefined], answers: values },
      ],
    ],
    [
      models.priorityQueue,
      [
        { f: 'insert', inputs: [3, 1, 2], answers: [undefined] },
        { f: 'take', inputs: [undefined], answers: values },
      ],
    ],
    [
      models.appendList,
      [
        { f: 'append', inputs: [1, 2, 3], answers: [undefined] },
        { f: 'read', inputs: [undefined], answers: lists },
      ],
    ],
    [
      models.counter,
      [
        { f: 'add', inputs: [1, 2], answers: [undefined] },
        { f: 'read', inputs: [undefined], answers: [0, 1, 2, 3, 4, 5] },
      ],
    ],
    [
      models.multiRegister,
      [
        {
          f: 'txn',
          inputs: [
            [
              ['r', 'x', null],
              ['w', 'y', 1],
            ],
            [
              ['w', 'x', 1],
              ['w', 'y', 2],
            ],
            [
              ['r', 'x', null],
              ['r', 'y', null],
            ],
          ],
          answers: [
            [
              ['r', 'x', null],
              ['w', 'y', 1],
            ],
            [
              ['r', 'x', 1],
              ['r', 'y', 2],
            ],
            [
              ['r', 'x', null],
              ['r', 'y', 1],
            ],
            [
              ['r', 'x', 1],
              ['r', 'y', 1],
            ],
          ],
        },
      ],
    ],
  ] as const
).map((entry) => entry as never);

test.each(objects.map(([model, words]) => [model.name, model, words] as const))(
  'a %s is judged as brute force judges it, and every verdict is proved',
  (_, model, words) => {
    const found = { true: 0, false: 0 };
    fc.assert(
      fc.property(histories(model, words, { operations: 8 }), (history) => {
        const { valid } = holdAgainstReference(history, model);
        found[valid as never]++;
      }),
      { numRuns: runs(2500) },
    );
    expect(Math.min(found.true, found.false)).toBeGreaterThan(0);
  },
);

test.each(objects.map(([model, words]) => [model.name, model, words] as const))(
  'what a %s calls a closed part of a legal history is legal',
  (_, model, words) => {
    fc.assert(
      fc.property(
        histories(model, words, { operations: 8, honest: 0.97 }),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        (history, choice) => {
          const all = [...history];
          if (linearize(model, all) === false) return;
          const closure = model.closure?.(all);
          const part = closure?.(all.filter((_op, i) => choice[i])) ?? [];
          expect(linearize(model, part)).not.toBe(false);
          expect(closure?.(part)).toHaveLength(part.length);
        },
      ),
      { numRuns: runs(1500) },
    );
  },
);

/** Each write writes something new: the ground of the zones. */
const distinct = Array.from({ length: 9 }, (_, i) => i);
test('a register whose values are written once is judged by zones as by brute force', () => {
  const words: Vocabulary[] = [
    { f: 'read', inputs: [undefined], answers: [null, ...distinct] },
    { f: 'write', inputs: distinct, answers: [undefined] },
    {
      f: 'cas',
      inputs: distinct.flatMap((from) => distinct.map((to) => [from, to])),
      answers: [true, false],
    },
  ];
  let zones = 0;
  fc.assert(
    fc.property(histories(models.casRegister, words, { operations: 9 }), (history) => {
      const { facts } = holdAgainstReference(history, models.casRegister);
      if (String(facts['algorithm']).startsWith('zones')) zones++;
    }),
    { numRuns: runs(30_000) },
  );
  expect(zones).toBeGreaterThan(0);
});

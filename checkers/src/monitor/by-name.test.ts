import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { ByName } from './by-name.ts';

const name = fc.oneof(
  fc.integer({ min: -3, max: 200 }),
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    NaN,
    0,
    -0,
    0.1,
    0.2,
    2 ** 40,
    -(2 ** 40),
    Infinity,
    '',
  ),
  fc
    .nat(30)
    .map((n) => `${'a long text that begins and '.repeat(2)}${n}${' ends like all others'.repeat(2)}`),
);

test('it holds what a Map holds, through whatever comes and goes', () => {
  const step = fc.record({ name, entry: fc.nat(), goes: fc.boolean() });
  let largest = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const [own, map] = [new ByName<number>(), new Map<unknown, number>()];
      for (const { name, entry, goes } of steps) {
        if (goes) own.delete(name);
        else own.set(name, entry);
        if (goes) map.delete(name);
        else map.set(name, entry);
        expect([own.size, own.has(name)]).toEqual([map.size, map.has(name)]);
        largest = Math.max(largest, map.size);
      }
      for (const [name, entry] of map) expect(own.get(name)).toBe(entry);
      expect([...own.values()].toSorted()).toEqual([...map.values()].toSorted());
    }),
    { numRuns: runs(100) },
  );
  // It has made itself wider on the way.
  expect(largest).toBeGreaterThan(64);
});

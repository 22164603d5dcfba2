import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import { SLOTS } from './hash.ts';
import protocol from './hashing.ts';
import museum from './museum.ts';
import { modulo, ring, table } from './schemes.ts';
import system from './system.ts';

museumConformance(system, museum);

const all = Array.from({ length: 8 }, (_, i) => `n${i + 1}`);
const some = fc.subarray(all, { minLength: 2 });

test('every slot has an owner, who is a member', () => {
  fc.assert(
    fc.property(some, some, (before, after) => {
      for (const scheme of [modulo, ring(16), table]) {
        const map = scheme(all, after, scheme(all, before));
        expect(map).toHaveLength(SLOTS);
        expect(new Set(map.map((owner) => all[owner]))).toEqual(new Set(after));
      }
    }),
    { numRuns: 20 },
  );
});

test('a table moves no more than it has to, and is even', () => {
  fc.assert(
    fc.property(some, fc.nat(7), (members, at) => {
      const map = table(all, members);
      const other = members.includes(all[at] as string)
        ? members.filter((member) => member !== all[at])
        : [...members, all[at] as string];
      fc.pre(other.length > 1);
      const after = table(all, other, map);
      const moved = map.filter((owner, slot) => owner !== after[slot]).length;
      expect(moved).toBeLessThanOrEqual(Math.ceil(SLOTS / Math.max(members.length, other.length)) + 8);
      const has = other.map((member) => after.filter((owner) => all[owner] === member).length);
      expect(Math.max(...has) - Math.min(...has)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

test('a ring moves only to whoever joins, and from whoever leaves', () => {
  fc.assert(
    fc.property(some, fc.nat(7), (members, at) => {
      const joins = all[at] as string;
      fc.pre(!members.includes(joins));
      const [before, after] = [ring(32)(all, members), ring(32)(all, [...members, joins])];
      const movedTo = before.flatMap((owner, slot) =>
        after[slot] === owner ? [] : [all[after[slot] as number]],
      );
      expect(movedTo.filter((member) => member !== joins)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test.each([
  { scheme: 'luck', points: '1' },
  { scheme: 'ring', points: '0' },
])('what makes no sense is refused: %o', (options) => {
  expect(() => protocol({ options, bug: undefined })).toThrow('should be');
});

import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import museum from './museum.ts';
import system from './system.ts';
import protocol from './zab.ts';

museumConformance(system, museum);

test('what nobody has seeded, and a way of reading that there is not, are refused by name', () => {
  expect(() => protocol({ options: {}, bug: 'off-by-one' })).toThrow('zab has no bug off-by-one');
  expect(() => protocol({ options: { reads: 'never' }, bug: undefined })).toThrow(
    'zab reads local or sync, and not never',
  );
});

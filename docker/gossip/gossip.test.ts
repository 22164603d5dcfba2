import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import protocol from './gossip.ts';
import museum from './museum.ts';
import system from './system.ts';

museumConformance(system, museum);

test('a rumour that never goes hot is refused', () => {
  expect(() => protocol({ options: { k: '0' }, bug: undefined })).toThrow('k should be a number from 1');
});

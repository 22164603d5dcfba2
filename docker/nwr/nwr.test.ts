import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import museum from './museum.ts';
import protocol from './nwr.ts';
import system from './system.ts';

museumConformance(system, museum);

test.each([
  { n: '3', w: '4', r: '1' },
  { n: '0', w: '1', r: '1' },
  { n: '3', w: '2', r: 'two' },
])('quorums that make no sense are refused: %o', (options) => {
  expect(() => protocol({ options, bug: undefined })).toThrow('n, w and r should be whole numbers from 1');
});

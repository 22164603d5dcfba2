import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import museum from './museum.ts';
import system from './system.ts';
import protocol from './ticket-lock.ts';

museumConformance(system, museum);

test.each(['-1', 'long', '0.5'])('a lease that makes no sense is refused: %s', (lease) => {
  expect(() => protocol({ options: { lease }, bug: undefined })).toThrow(
    'lease should be whole milliseconds from 0',
  );
});

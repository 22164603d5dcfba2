import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { museumConformance } from '../kit/testing/museum-conformance.ts';
import { signed, valueOf } from './cookie.ts';
import museum from './museum.ts';
import { hmac } from './sha256.ts';
import system from './system.ts';

museumConformance(system, museum);

test('the signature is HMAC-SHA256', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 64 }), fc.string({ maxLength: 200 }), (secret, text) => {
      expect(hmac(secret, text)).toBe(createHmac('sha256', secret).update(text).digest('hex'));
    }),
    { numRuns: 200 },
  );
});

test('a cookie that no node has signed is turned away', () => {
  const [value, signature] = signed('s1', 7);
  expect(valueOf('s1', [value, signature])).toBe(7);
  expect(() => valueOf('s1', [8, signature])).toThrow('not ours');
  expect(() => valueOf('s2', [value, signature])).toThrow('not ours');
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { answered, asked, clip, span, systemName, value, visible } from './words.ts';

test.each([
  [0.00034, '340 µs'],
  [0.0017, '1.7 ms'],
  [0.196, '196 ms'],
  [2.143, '2.14 s'],
  [51.4, '51.4 s'],
  [200, '3 min 20 s'],
])('%f seconds are %s', (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

test('no value or name can steer a terminal or turn a line around', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(value(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
  expect(visible('a\u202eb\u001b[31m\n')).toBe('a\\u202eb\\x1b[31m\\n');
  expect(visible('שלום, 世界')).toBe('שלום, 世界');
});

test('a long list says how long it is, and a short one is all there', () => {
  expect(value([1, 2, 3])).toBe('[1 2 3]');
  expect(value(Array.from({ length: 1204 }, (_, i) => i))).toMatch(/^\[0 1 2 .*…\] 1,204 in all$/);
});

test('what does not fit is cut, down to nothing', () => {
  expect([4, 3, 2, 1, 0].map((limit) => clip('abcd', limit))).toEqual(['abcd', 'ab…', 'a…', '', '']);
});

test('an operation is asked and answered in words', () => {
  expect(asked({ f: 'cas', input: [3, 4] })).toBe('cas 3 → 4');
  expect(asked({ f: 'read' })).toBe('read');
  expect(answered({ f: 'cas', input: [1, 2], outcome: 'ok', output: false })).toBe('refused');
  expect(answered({ f: 'write', input: 3, outcome: 'ok', output: null })).toBe('ok');
  expect(answered({ f: 'write', outcome: 'ok' })).toBe('ok');
  expect(answered({ f: 'read', outcome: 'ok', output: null })).toBe('nothing');
  expect(answered({ f: 'write', outcome: 'info' })).toBe('no answer');
  expect(asked({ f: 'transact', input: [5, null] })).toBe('transact 5');
  expect(asked({ f: 'transact', input: [5, 2] })).toBe('transact 5, node 2 votes no');
  expect(answered({ f: 'outcome', outcome: 'ok', output: ['prepared', null] })).toBe('prepared');
  expect(answered({ f: 'settled', outcome: 'ok', output: ['commit', 5] })).toBe('commit 5');
  expect(answered({ f: 'outcome', outcome: 'ok', output: ['commit', null] })).toBe(
    'commit without its value',
  );
});

test.each([
  ['etcd', 'etcd'],
  ['./my-protocol.ts', 'my-protocol'],
  ['examples/toykv/system.ts', 'toykv'],
  ['./system.ts', 'system'],
])('the system %s is called %s', (system, name) => {
  expect(systemName(system)).toBe(name);
});

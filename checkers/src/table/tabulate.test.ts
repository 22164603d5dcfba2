import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, decode, sameCodes, ValueEncoder } from './values.ts';
import { tabulate } from './tabulate.ts';

test('any JSON value comes back from its code, and scalars that are equal have equal codes', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (raw) => {
      const values = JSON.parse(JSON.stringify(raw)) as unknown[];
      const encoder = new ValueEncoder();
      const codes = values.map((value) => encoder.encode(value));
      expect(codes.map((code) => decode(code, encoder.values))).toEqual(values);
      const same = sameCodes(encoder.values) ?? ((code: number) => code);
      for (const [i, a] of values.entries())
        for (const [j, b] of values.entries())
          expect(same(codes[i] as number) === same(codes[j] as number)).toBe(canonical(a) === canonical(b));
    }),
  );
});

test('integers are their own code up to 2³⁰, and larger ones survive', () => {
  const encoder = new ValueEncoder();
  for (const n of [0, -1, 2 ** 30 - 1, -(2 ** 30), 2 ** 30, 2 ** 31, -(2 ** 31), 2 ** 53, 0.5])
    expect(decode(encoder.encode(n), encoder.values)).toBe(n);
  expect(encoder.encode(7)).toBe(7);
});

test('a history cut by key holds every keyed operation once and leads back to where it was', () => {
  const { history } = tabulate([
    { index: 0, time: 0, process: 0, type: 'invoke', f: 'write', key: 'x', value: 1 },
    { index: 1, time: 1, process: 1, type: 'invoke', f: 'write', key: 7, value: 2 },
    { index: 2, time: 2, process: 2, type: 'invoke', f: 'sync' },
    { index: 3, time: 3, process: 1, type: 'ok', f: 'write', key: 7 },
    { index: 4, time: 4, process: 1, type: 'invoke', f: 'read', key: 'x' },
  ]);
  const byKey = history.byKey();
  expect([...byKey.keys()]).toEqual(['x', 7]);
  expect([...(byKey.get('x')?.origin ?? [])]).toEqual([0, 3]);
  expect(byKey.get('x')?.operation(1)).toMatchObject({ id: 1, f: 'read', key: 'x', outcome: 'info' });
});

test('two calls of one process at a time are refused, and the message names both', () => {
  const invoke = { time: 0, process: 3, type: 'invoke', f: 'read' } as const;
  expect(() =>
    tabulate([
      { ...invoke, index: 0 },
      { ...invoke, index: 1 },
    ]),
  ).toThrow('event 1: process 3 calls read before its last call has returned');
});

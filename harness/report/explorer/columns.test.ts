import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOTHING, pack, unpack, WORD, type Columns } from './columns.ts';

const code = fc.oneof(
  fc.constant(NOTHING),
  fc.integer({ min: -(2 ** 30), max: 2 ** 30 - 1 }),
  fc.nat(1000).map((word) => WORD + word),
);
const row = fc.record({
  gap: fc.nat(5_000_000),
  took: fc.oneof(fc.constant(Infinity), fc.nat(10_000_000)),
  process: fc.nat(2 ** 30),
  f: fc.nat(84),
  outcome: fc.nat(2),
  key: fc.integer({ min: -1, max: 5000 }),
  node: fc.integer({ min: -1, max: 64 }),
  error: fc.integer({ min: -1, max: 100 }),
  input: code,
  output: code,
  second: code,
});

test('what is packed comes out again', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      let start = 0;
      const starts = rows.map(({ gap }) => (start += gap));
      const columns: Columns = {
        start: Float64Array.from(starts),
        end: Float64Array.from(rows, ({ took }, i) => (starts[i] as number) + took),
        process: Int32Array.from(rows, ({ process }) => process),
        f: Uint8Array.from(rows, ({ f }) => f),
        outcome: Uint8Array.from(rows, ({ outcome }) => outcome),
        key: Int32Array.from(rows, ({ key }) => key),
        node: Int32Array.from(rows, ({ node }) => node),
        error: Int32Array.from(rows, ({ error }) => error),
        input: Int32Array.from(rows, ({ input }) => input),
        output: Int32Array.from(rows, ({ output }) => output),
        second: Int32Array.from(rows, ({ second }) => second),
      };
      expect(unpack(pack(columns), rows.length)).toEqual(columns);
    }),
  );
});

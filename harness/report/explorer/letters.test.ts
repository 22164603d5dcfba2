import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packLetters, unpackLetters, type Letters } from './letters.ts';

test('messages that are packed come out again', () => {
  const letter = fc.record({
    gap: fc.nat(5_000_000),
    took: fc.oneof(fc.constant(Infinity), fc.nat(10_000_000)),
    from: fc.nat(63),
    to: fc.nat(63),
    name: fc.nat(40),
    term: fc.integer({ min: -1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 60 }), (all) => {
      let now = 0;
      const sent = Float64Array.from(all, ({ gap }) => (now += gap));
      const letters: Letters = {
        sent,
        arrived: Float64Array.from(all, ({ took }, i) => (sent[i] as number) + took),
        from: Uint8Array.from(all, ({ from }) => from),
        to: Uint8Array.from(all, ({ to }) => to),
        name: Uint8Array.from(all, ({ name }) => name),
        term: Int32Array.from(all, ({ term }) => term),
      };
      expect(unpackLetters(packLetters(letters), all.length)).toEqual(letters);
    }),
  );
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote } from './quote.ts';

/** What shells have a meaning for, among the rest. */
const word = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'\'"`$\\ \n\t;&|<>(){}[]*?!#~=%^-'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

test('words arrive as they are, whatever is in them', () => {
  const words = fc.array(
    word.filter((text) => !text.includes('\0')),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(words, (sent) => {
      const came = execFileSync('sh', ['-c', quote(['printf', '%s\\0', ...sent])], { encoding: 'utf8' });
      expect(came.split('\0').slice(0, -1)).toEqual(sent);
    }),
    { numRuns: 100 },
  );
});

test('a word that no shell can be told is refused', () => {
  expect(() => quote(['echo', 'a\0b'])).toThrow(RangeError);
});

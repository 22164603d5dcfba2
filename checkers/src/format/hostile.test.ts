import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { MalformedHistory } from './malformed.ts';
import { MEANINGS } from './meaning.ts';
import { readHistory, type Format } from './read-history.ts';

const formats = Object.keys(MEANINGS) as Format[];

/** Reads, or says what is wrong and where; anything else fails the test. */
function read(source: string | Uint8Array, format?: Format): string {
  try {
    readHistory(source, format ? { format } : {});
    return 'read';
  } catch (error) {
    if (!(error instanceof MalformedHistory)) throw error;
    return error.message;
  }
}

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);

test.each([
  `{${DEEP} 1 :process 0 :type :invoke :f :write}`,
  DEEP,
  `{:process 0 :type :invoke :f :write}{:process 0 :type :info :f :write :error ${DEEP}}`,
  `{:process :nemesis :type :info :f :kill :value ${DEEP}}`,
  `{:process 0 :type :invoke :f ${DEEP}}`,
  `{"i":0,"e":1,"p":0,"t":"ok","f":"w","k":0,"a":${DEEP},"o":null}\n`,
  `{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":${DEEP}}\n`,
])('what is nested a hundred thousand deep is read, or refused, without recursion', (text) => {
  expect(read(text)).toBeTypeOf('string');
});

test.each([
  ['null\n1\n', 'h:1:1: expected one operation'],
  ['{"p":0,"f":"constructor","i":0,"e":1,"t":"ok"}\n', 'h:1:8: expected "f" to be r, w or cas'],
  [
    '{"p":1,"f":"r","i":0,"e":2,"t":"ok"}\n{"p":1,"f":"r","i":1,"e":3,"t":"ok"}\n',
    'h:2:1: expected an operation that can be there (process 1 calls read before its last call has returned)',
  ],
  ['{"p":1,"f":"r","i":-5,"e":2,"t":"ok"}\n', 'h:1:16: expected "i" to be the position of the call'],
])('neutral lines that cannot be say where: %j', (text, message) => {
  expect(() => readHistory(text, { format: 'neutral', file: 'h' })).toThrow(message);
});

const EVENT = '{"process":0,"type":"invoke","f":"write","value":1}';

test.each([
  [`[${EVENT},\n{"process":0,"type":"ok","f":"wri`, 2],
  [`[${EVENT},\n`, 2],
  [`[${EVENT},\n{"process":0,"type":"ok","f":"write","value":{"a":1}`, 2],
])('a torn array of events is read up to the tear: %j', (text, line) => {
  const { history, torn } = readHistory(text, { format: 'jepsen-json' });
  expect({ operations: history.length, line: torn?.line }).toEqual({ operations: 1, line });
});

test.each([
  [`[${EVENT},\n ${EVENT}, x]`, 'h:2:55: expected JSON, found "x]"'],
  [`[${EVENT},\n x`, 'h:2:2: expected JSON, found "x"'],
  ['[1, x, 2]', 'h:1:5: expected JSON'],
  [`[${EVENT},, ${EVENT}]`, 'h:1:54: expected JSON'],
])('an array that is no JSON is pointed at: %j', (text, message) => {
  expect(() => readHistory(text, { format: 'jepsen-json', file: 'h' })).toThrow(message);
});

test('whatever bytes and words a file is made of, it is read, or refused with a place', () => {
  const words = fc.constantFrom(
    ...'{ } [ ] ( ) #{ #_ #tag \\ " : , ; \n \0 nil true -0 1e999 99999999999999999999 __proto__ "__proto__" jepsen.util'.split(
      ' ',
    ),
    ...':process 0 :type :invoke :ok :f :read :write :value'.split(' '),
    '{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":1}\n',
    '{"p":0,"f":"w","i":0,"e":1,"t":"ok","a":1}\n',
    'INFO  jepsen.util - 0\t:invoke\t:write\t3\n',
  );
  const text = fc.array(words, { maxLength: 30 }).map((all) => all.join(' '));
  fc.assert(
    fc.property(
      fc.oneof(text, fc.uint8Array({ maxLength: 60 })),
      fc.option(fc.constantFrom(...formats)),
      (source, format) => {
        expect(read(source, format ?? undefined)).toBeTypeOf('string');
      },
    ),
    { numRuns: runs(3000) },
  );
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../linearizable/testing.ts';
import { MalformedHistory } from './malformed.ts';
import { MEANINGS } from './meaning.ts';
import { readTransactions } from '../transactions/index.ts';
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

test.each([
  [`[${EVENT},\n  {"process":0,"type":"maybe","f":"write"}]`, 'h:2:3: expected a type of :invoke'],
  [`[ ${EVENT}, 7]`, 'h:1:56: expected a map with :process'],
  [
    `[{"process":0,"type":"info","f":"x","value":"]},{[\\"\\\\"},\n ["no map"]]`,
    'h:2:2: expected a map with :process',
  ],
  [
    `[${EVENT},\n ${EVENT}, {"process":"0","type":"ok"}, {"proc`,
    'h:2:2: expected an event that can come next',
  ],
])('what is wrong in an array of events is pointed at: %j', (text, message) => {
  expect(() => readHistory(text, { format: 'jepsen-json', file: 'h' })).toThrow(message);
});

test('what is wrong in a line of a log is pointed at in that line', () => {
  const text = 'INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t{:a\t]\n';
  expect(() => readHistory(text, { format: 'jepsen-log', file: 'h' })).toThrow(/^h:2:\d\d: expected/);
});

const transactions = (text: string | Uint8Array): string => {
  try {
    const { length, torn } = readTransactions(text, 'h');
    return `${length} read${torn ? `, torn in line ${torn.line}` : ''}`;
  } catch (error) {
    if (!(error instanceof MalformedHistory)) throw error;
    return error.message;
  }
};

test.each([
  ['r(1,2,0,0)\nw(1,x,0,0)\n', 'h:2:5: expected r(key,value,session,transaction) or w(…), found "x,0,0)"'],
  ['r(1,2,0,0)\nw(1,2,0,1', '1 read, torn in line 2'],
  ['r(1,2,0', 'h:1:8: expected r(key,value,session,transaction) or w(…), found the end of the line'],
  ['w 0 1\n  q 0 1\n', 'h:2:3: expected "r key value", "w key value", ----- or =====, found "q 0 1"'],
  ['w 0 1\n-----\nr 0', '1 read, torn in line 3'],
  ['w 0 99999999999999999999\n=====\nr 0 99999999999999999998\n', '2 read'],
  ['{"p":0,"t":"ok","ops":[["w","x",1]]}\n{"p":0,"t":"o', '1 read, torn in line 2'],
  ['{"p":0,"t":"ok","ops":[[1,"x"]]}\n', 'h:1:1: expected every step to be ["r", key, value]'],
  ['{"p":0,"t":"ok","i":5,"e":2,"ops":[]}\n', 'h:1:1: expected a return ("e") after its call ("i")'],
  [`{"p":0,"t":"ok","ops":[["w","x",${DEEP}]]}\n`, 'h:1:1: expected values that are nested less deeply'],
])('transactions are read up to a tear, or refused with a place: %j', (text, said) => {
  expect(transactions(text)).toContain(said);
});

test('numbers too large for one stay apart', () => {
  const { versions } = readTransactions('w 0 99999999999999999999\n=====\nr 0 99999999999999999998\n');
  expect(versions).toBe(2);
});

test('whatever bytes and words a file of transactions is made of, it is read, or refused with a place', () => {
  const words = fc.constantFrom(
    ...'r w ( ) , 0 1 7 99999999999999999999 -1 \0 ----- ===== r(0,1,0,0) w(0,1,0,0)'.split(' '),
    ' ',
    '\n',
    'w 0 1\n',
    'r 0 1\n',
    '{"p":0,"t":"ok","ops":[["r","x",null]]}\n',
    '{"p":0,"ops":',
    '[["w",',
    '"x"',
    ']',
    '}',
    '"__proto__"',
    'null',
    '1e999',
    '{"p":1,"t":"info","i":3,"e":null,"ops":[["a","x",1]]}\n',
  );
  const text = fc.array(words, { maxLength: 30 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 60 })), (source) => {
      expect(transactions(source)).toMatch(/ read|^h:\d+:\d+: expected /);
    }),
    { numRuns: runs(3000) },
  );
});

import { expect, test } from 'vitest';
import { readEdn } from './edn.ts';
import { readHistory, recognise, type ReadOptions } from './read-history.ts';

const shape = (text: string, options?: ReadOptions): unknown =>
  [...readHistory(text, options).history].map(({ process, f, key, input, output, outcome, error }) =>
    JSON.parse(JSON.stringify({ process, f, key, input, output, outcome, error })),
  );

const EDN = `; a comment
{:process 0, :type :invoke, :f :write, :value 1, :time 10, :index 0}
{:process 1, :type :invoke, :f :read, :value nil :time 11}
{:process :nemesis, :type :info, :f :kill, :value ["n1" "n2"]}
#jepsen.history.Op{:process 1 :type :ok :f :read :value nil :time 12}
{:process 0, :type :ok, :f :write, :value 1}
{:process 0, :type :invoke, :f :cas, :value [1 2]}
{:process 0, :type :fail, :f :cas, :value [1 2]}
{:process 2, :type :invoke, :f :cas, :value [1 3]}
{:process 2, :type :info, :f :cas, :value [1 3], :error :timeout}
`;

test('Jepsen’s EDN is read, one map after another or in a vector', () => {
  const expected = [
    { process: 0, f: 'write', input: 1, outcome: 'ok' },
    { process: 1, f: 'read', outcome: 'fail', error: 'nil: nothing is known of the value' },
    { process: 0, f: 'cas', input: [1, 2], outcome: 'fail' },
    { process: 2, f: 'cas', input: [1, 3], outcome: 'info', error: 'timeout' },
  ];
  expect(shape(EDN)).toEqual(expected);
  expect(shape(`[${EDN}]`)).toEqual(expected);
  expect(readHistory(EDN).marks).toMatchObject([{ name: 'kill', what: 'kill ["n1","n2"]' }]);
});

test('what a failed compare-and-set and a read of nil mean can be said', () => {
  const told = shape(EDN, { failedCas: 'refused', nilRead: 'initial value' }) as unknown[];
  expect(told[1]).toMatchObject({ f: 'read', output: null, outcome: 'ok' });
  expect(told[2]).toMatchObject({ f: 'cas', output: false, outcome: 'ok' });
});

test('Jepsen’s JSON is read as its EDN', () => {
  const json =
    '[{"process":0,"type":"invoke","f":"add","value":1},\n {"process":0,"type":"ok","f":"add","value":1},\n{"process":"nemesis","type":"info","f":"kill"}]';
  expect(recognise(json)).toBe('jepsen-json');
  expect(shape(json)).toEqual([{ process: 0, f: 'add', input: 1, outcome: 'ok' }]);
});

test('lines of the old logger are read among others; there a failed compare-and-set was refused, and nil is the initial value', () => {
  const log =
    'INFO  jepsen.core - hello\nINFO  jepsen.util - 0\t:invoke\t:cas\t[0 1]\nINFO  jepsen.util - 1\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:fail\t:cas\t[0 1]\nINFO  jepsen.util - 1\t:ok\t:read\tnil\nINFO  jepsen.util - 2\t:invoke\t:write\t3\nINFO  jepsen.util - 2\t:info\t:write\t:timed-out\n';
  expect(shape(log)).toEqual([
    { process: 0, f: 'cas', input: [0, 1], output: false, outcome: 'ok' },
    { process: 1, f: 'read', output: null, outcome: 'ok' },
    { process: 2, f: 'write', input: 3, outcome: 'info', error: 'timed-out' },
  ]);
});

test('Porcupine’s texts are read with their keys', () => {
  const text =
    '{:process 0, :type :invoke, :f :append, :key "4", :value "x 0"}\n{:process 0, :type :ok, :f :append, :key "4", :value "x 0"}\n{:process 0, :type :invoke, :f :get, :key "4", :value nil}\n{:process 0, :type :ok, :f :get, :key "4", :value "x 0"}\n';
  expect(recognise(text)).toBe('porcupine-kv');
  expect(shape(text)).toEqual([
    { process: 0, f: 'append', key: '4', input: 'x 0', outcome: 'ok' },
    { process: 0, f: 'get', key: '4', output: 'x 0', outcome: 'ok' },
  ]);
});

test('keys inside of values are split off on demand', () => {
  const text =
    '{:process 0 :type :invoke :f :write :value [7 1]}\n{:process 0 :type :ok :f :write :value [7 1]}';
  expect(shape(text, { keyed: true })).toEqual([{ process: 0, f: 'write', key: 7, input: 1, outcome: 'ok' }]);
});

test('keys inside of values are recognised where every read names one', () => {
  const keyed =
    '{:process 0 :type :invoke :f :read :value ["x" nil]}\n{:process 0 :type :ok :f :read :value ["x" 1]}';
  expect(shape(keyed)).toEqual([{ process: 0, f: 'read', key: 'x', output: 1, outcome: 'ok' }]);
  const plain =
    '{:process 0 :type :invoke :f :read :value nil}\n{:process 0 :type :ok :f :read :value ["x" nil]}';
  expect(shape(plain)).toEqual([{ process: 0, f: 'read', output: ['x', null], outcome: 'ok' }]);
});

test('neutral lines are read by their positions', () => {
  const text =
    '{"id":0,"p":0,"f":"w","k":0,"a":1,"o":null,"i":0,"e":3,"t":"ok"}\n{"id":1,"p":1,"f":"r","k":0,"a":null,"o":0,"i":1,"e":2,"t":"ok"}\n{"id":2,"p":2,"f":"cas","k":0,"a":[1,2],"o":null,"i":4,"e":null,"t":"info"}\n';
  expect(recognise(text)).toBe('neutral');
  expect(shape(text)).toEqual([
    { process: 0, f: 'write', key: 0, input: 1, outcome: 'ok' },
    { process: 1, f: 'read', key: 0, output: null, outcome: 'ok' },
    { process: 2, f: 'cas', key: 0, input: [1, 2], outcome: 'info' },
  ]);
  expect(readHistory(text).history.operation(0).return).toBe(3);
});

test.each([
  [
    '{:process 0 :type :invoke :f :read}\n}',
    'edn',
    'h:2:1: expected a value, with nothing to close, found "}"',
  ],
  ['{:process 0 :type :invoke :f :read)', 'edn', 'h:1:35: expected } to close what began on line 1'],
  ['{:process 0 :type}', 'edn', 'h:1:18: expected a value for the last key of the map'],
  [
    '{:process 0 :type :invoke :f :read}\n{:process 0 :type :gone :f :read}',
    'edn',
    'h:2:1: expected a type of :invoke, :ok, :fail or :info, found "\\"gone\\""',
  ],
  ['{:process 0 :type :ok :f :read}', 'edn', 'h:1:1: expected an event that can come next'],
  ['[1 2]', 'edn', 'h:1:1: expected a map with :process, :type and :f, found "1"'],
  [
    '{:process 0 :type :invoke :f :write :value 1x2}',
    'edn',
    'h:1:44: expected a number, a keyword or a symbol, found "1x2}"',
  ],
  ['[{"process":0,\n"type"}]', 'jepsen-json', 'h:2:7: expected JSON'],
  [
    '{"p":0,"f":"r","i":0,"e":0,"t":"ok"}',
    'neutral',
    'h:1:22: expected "e" to be the position of the return, or null',
  ],
] as const)(
  'malformed input says where, what was expected and what was there: %s',
  (text, format, message) => {
    expect(() => readHistory(text, { format, file: 'h' })).toThrow(message);
  },
);

test('a torn EDN file is read up to the tear', () => {
  expect(readHistory(EDN.slice(0, EDN.indexOf(':process 2')))).toMatchObject({
    history: { length: 3 },
    torn: { line: 9 },
  });
});

test('a map that was torn is left out', () => {
  expect(readHistory('{:process 0 :type :invoke')).toMatchObject({
    history: { length: 0 },
    torn: { line: 1 },
  });
});

test('EDN’s notations come out as plain values', () => {
  const text =
    '[nil true -1 2.5 10N :k ns/sym "a\\"b" \\c #{1 2} (3) {:a 1, "b" [2]} #inst "2020" #_ (gone #_ too away) 5]';
  expect(readEdn(text, 'h').forms[0]?.value).toEqual([
    null,
    true,
    -1,
    2.5,
    10,
    'k',
    'ns/sym',
    'a"b',
    'c',
    [1, 2],
    [3],
    { a: 1, b: [2] },
    '2020',
    5,
  ]);
});

test('nesting a million deep is read without recursion', () => {
  const deep = 1_000_000;
  expect(readEdn('['.repeat(deep) + ']'.repeat(deep), 'h').forms).toHaveLength(1);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent, Mark } from '../history.ts';
import { runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { printEvent, readJsonl } from './jsonl.ts';
import { eventLines } from './testing.ts';

const events: (HistoryEvent | Mark)[] = [
  { index: 0, time: 5, process: 0, node: 'n1', type: 'invoke', f: 'write', key: 'x', value: 1 },
  { index: 1, time: 6, process: 1, type: 'invoke', f: 'cas', key: 'y', value: [1, 'two'] },
  { index: 2, time: 7, type: 'mark', name: 'kill', what: 'kill n1', nodes: ['n1'] },
  { index: 3, time: 8, process: 1, type: 'ok', f: 'cas', key: 'y', value: false },
  { index: 4, time: 9, process: 0, type: 'info', f: 'write', key: 'x', error: 'timed out' },
  { index: 5, time: 9, process: 1, type: 'invoke', f: 'read', key: 'x' },
  { index: 6, time: 10, process: 1, type: 'ok', f: 'read', key: 'x', value: { deep: [1, 2.5, null] } },
];
const text = events.map((event) => `${printEvent(event)}\n`).join('');

test('what was printed is read back, operations and marks', () => {
  const { history, marks, torn } = readJsonl(text);
  expect([...history]).toEqual([...tabulate(events).history]);
  expect(history.operation(0)).toEqual({
    id: 0,
    process: 0,
    node: 'n1',
    f: 'write',
    key: 'x',
    input: 1,
    output: undefined,
    outcome: 'info',
    call: 0,
    return: Infinity,
    callTime: 5,
    returnTime: 9,
    error: 'timed out',
  });
  expect(history.operation(1)).toMatchObject({ input: [1, 'two'], output: false, outcome: 'ok', return: 3 });
  expect(history.operation(2).output).toEqual({ deep: [1, 2.5, null] });
  expect(marks).toEqual([events[2]]);
  expect(torn).toBeUndefined();
});

test('bytes and text are read alike, whatever the order of fields and the white space', () => {
  const shuffled = events
    .map(
      (event) =>
        `${JSON.stringify(Object.fromEntries(Object.entries(event).toReversed()), null, 1).replaceAll('\n', ' ')}\r\n`,
    )
    .join('');
  expect([...readJsonl(new TextEncoder().encode(shuffled)).history]).toEqual([...readJsonl(text).history]);
});

test('a history cut anywhere is read up to the tear', () => {
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { history, marks, torn } = readJsonl(bytes.subarray(0, cut));
    const whole = text.slice(0, cut).split('\n').length - 1;
    const lines = whole + (torn || text[cut - 1] === '\n' || cut === 0 ? 0 : 1);
    expect([...history]).toEqual([...tabulate(events.slice(0, lines)).history]);
    expect(marks).toHaveLength(lines > 2 ? 1 : 0);
  }
});

test.each([
  [
    '{"index":0,"time":0,"process":0,"type":"invok","f":"read"}\n',
    'h:1:33: expected "type" to be invoke, ok, fail, info or mark',
  ],
  [
    '{"index":0,"time":0,"process":0,"type":"ok","f":"read"}\n',
    'h:1:1: expected an event that can come next (process 0 ends read, but has no call open)',
  ],
  [
    '\n{"index":0,"time":"soon","process":0,"type":"ok","f":"read"}\n',
    'h:2:12: expected "time" to be a number of nanoseconds',
  ],
  ['{"index":0,,}\n', 'h:1:12: expected JSON'],
  ['[]\n', 'h:1:1: expected an event'],
  [
    '{"index":0,"time":0,"process":1.5,"type":"invoke","f":"read"}',
    'h:1:21: expected "process" to be a whole number',
  ],
])('malformed input says where and what was expected: %s', (input, message) => {
  expect(() => readJsonl(input, 'h')).toThrow(message);
});

test('whatever JSON is in a line, the fast reader and the slow one read the same', () => {
  fc.assert(
    fc.property(eventLines(), (lines) => {
      const events = lines.map((line) => JSON.parse(line) as HistoryEvent);
      expect([...readJsonl(lines.map((line) => `${line}\n`).join('')).history]).toEqual([
        ...tabulate(events).history,
      ]);
    }),
    { numRuns: runs(500) },
  );
});

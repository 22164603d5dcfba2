import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mark } from '../history.ts';
import { runs } from '../linearizable/testing.ts';
import { readColumns, writeColumns } from './columns.ts';
import { readJsonl, type ReadHistory } from './jsonl.ts';
import { eventLines } from './testing.ts';

const source = { bytes: 7, hash: 'seven' };

const mark = fc.record({
  type: fc.constant('mark' as const),
  time: fc.nat(),
  name: fc.string(),
  what: fc.string(),
  details: fc.dictionary(fc.string(), fc.jsonValue()),
});

/** What a run leaves: calls and their ends, marks behind them, and now and then half a line. */
const read: fc.Arbitrary<ReadHistory> = fc
  .tuple(eventLines(), fc.array(mark, { maxLength: 3 }), fc.constantFrom('', '{"index":9'))
  .map(([lines, marks, tear]) => {
    const marked = marks.map((one, i): Mark => ({ ...one, index: lines.length + i }));
    return readJsonl([...lines, ...marked.map((one) => JSON.stringify(one)), tear].join('\n'));
  });

/** Everything that was read, where nothing can hide behind a getter. */
function all({ history, marks, torn }: ReadHistory): unknown {
  const { names, keys, nodes, errors, values } = history;
  return { operations: [...history], marks, torn, names, keys, nodes, errors, values };
}

const written = (of: ReadHistory): Uint8Array => {
  const bytes = writeColumns(of, source);
  if (!bytes) throw new Error('what was read from printed JSON can be printed');
  return bytes;
};

test('columns give back the operations, marks and tear that the JSONL gave', () => {
  fc.assert(
    fc.property(read, fc.nat(3), (was, offset) => {
      const bytes = written(was);
      // Whoever hands them over need not align them.
      const moved = new Uint8Array(bytes.length + offset).subarray(offset);
      moved.set(bytes);
      const is = readColumns(moved);
      expect(is && all(is)).toEqual(all(was));
      expect(is?.source).toEqual(source);
      // What Node reads from a file is of a kind of its own.
      expect(readColumns(Buffer.from(moved))).toEqual(is);
      expect([...(is?.history.byKey().keys() ?? [])]).toEqual([...was.history.byKey().keys()]);
    }),
    { numRuns: runs(300) },
  );
});

test('columns cut short anywhere are none', () => {
  fc.assert(
    fc.property(read, (was) => {
      const bytes = written(was);
      for (let cut = 0; cut < bytes.length; cut++)
        expect(readColumns(bytes.subarray(0, cut))).toBeUndefined();
    }),
    { numRuns: runs(20) },
  );
});

test('columns with bytes altered or added anywhere are none', () => {
  const alterations = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(read, alterations, fc.constantFrom(0, 0, 1, 16), (was, altered, more) => {
      const bytes = written(was);
      const damaged = new Uint8Array(bytes.length + more);
      damaged.set(bytes);
      for (const [at, by] of altered) damaged[at % damaged.length]! ^= by;
      // Two alterations of one byte may cancel out.
      fc.pre(more > 0 || bytes.some((byte, i) => byte !== damaged[i]));
      expect(readColumns(damaged)).toBeUndefined();
    }),
    { numRuns: runs(1000) },
  );
});

test('every single bit counts', () => {
  const bytes = written(
    readJsonl('{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":"x"}\n'),
  );
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(readColumns(damaged)).toBeUndefined();
  }
});

test.each(['-0', '1e999', `${'['.repeat(1000)}${']'.repeat(1000)}`])(
  'a history with %s in a list is not written, since JSON would not give it back',
  (value) => {
    const text = `{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":[1,2,${value}]}\n`;
    expect(writeColumns(readJsonl(text), source)).toBeUndefined();
  },
);

test('a history cut from another is not written, since its ids lead elsewhere', () => {
  const { history, marks } = readJsonl(
    '{"index":0,"time":0,"process":0,"type":"invoke","f":"read","key":"x"}\n',
  );
  const [cut] = history.byKey().values();
  expect(cut && writeColumns({ history: cut, marks }, source)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { NOTHING } from '../columns.ts';
import { unpackLetters } from '../letters.ts';
import { filter } from './filter.ts';
import type { Run } from './load.ts';

/** Four operations: two keys, two nodes, three outcomes. */
const run: Run = {
  lasts: 10_000,
  about: {
    length: 4,
    seconds: 0.01,
    clients: 2,
    names: ['read', 'write'],
    keys: ['x', 'y'],
    nodes: ['n1', 'n2'],
    errors: [],
    words: [],
    tokens: ['read', 'write'],
    faults: [],
    spells: [],
    anomalies: [],
    around: { places: [], letterNames: [], letters: 0, logsCut: false },
  },
  letters: unpackLetters(new Uint8Array(), 0),
  slowestLetter: 0,
  lines: [],
  start: Float64Array.of(0, 1000, 2000, 3000),
  end: Float64Array.of(500, 9000, 2100, 3001),
  process: Int32Array.of(0, 1, 2, 1),
  f: Uint8Array.of(0, 1, 1, 0),
  outcome: Uint8Array.of(0, 2, 1, 0),
  key: Int32Array.of(0, 0, 1, 1),
  node: Int32Array.of(0, 1, 0, 1),
  error: Int32Array.of(-1, -1, -1, -1),
  input: new Int32Array(4).fill(NOTHING),
  output: new Int32Array(4).fill(NOTHING),
  second: new Int32Array(4).fill(NOTHING),
};

test.each([
  ['', [0, 1, 2, 3]],
  ['key:x', [0, 1]],
  ['f:write !key:x', [2]],
  ['is:info', [1]],
  ['is:fail node:n1', [2]],
  ['client:0', [0, 2]],
  ['lat>1', [1]],
  ['lat<0.2 f:read', [3]],
  ['key:z', []],
])('%s keeps %j', (text, rows) => {
  const filtered = filter(run, text);
  const mask = 'mask' in filtered ? [...filtered.mask] : [];
  expect(mask.flatMap((kept, row) => (kept === 1 ? [row] : []))).toEqual(rows);
  expect(filtered).toMatchObject({ count: rows.length });
});

test.each(['nonsense', 'color:red', 'lat>slow', 'key'])('%s is not understood, and that is said', (text) => {
  expect(filter(run, `f:read ${text}`)).toEqual({ unknown: text });
});

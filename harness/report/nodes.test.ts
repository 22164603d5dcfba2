import type { Mark } from 'knossos-js';
import { expect, test } from 'vitest';
import { spellsOf } from './nodes.ts';

function role(seconds: number, node: string, says: string, term?: number): Mark {
  const details = { role: says, ...(term !== undefined && { term }) };
  return {
    index: seconds,
    time: seconds * 1e9,
    type: 'mark',
    name: 'role',
    what: '',
    nodes: [node],
    details,
  };
}

const told = (marks: readonly Mark[]) =>
  spellsOf(marks, [], 10).map(({ node, kind, says, from, to }) => `${node} ${kind} ${from}–${to}: ${says}`);

test('who still says that it leads when a later term has begun elsewhere is shown to', () => {
  expect(
    told([
      role(1, 'n1', 'leader', 3),
      role(4, 'n2', 'leader', 4),
      role(6, 'n1', 'other'),
      role(8, 'n2', 'other'),
    ]),
  ).toEqual([
    'n1 leader 1–4: leader · term 3',
    'n1 deposed 4–6: still acts as leader of term 3',
    'n2 leader 4–8: leader · term 4',
  ]);
});

test('who is behind from the beginning never led', () => {
  expect(told([role(1, 'n1', 'leader', 4), role(2, 'n2', 'leader', 3)])).toEqual([
    'n1 leader 1–10: leader · term 4',
    'n2 deposed 2–10: still acts as leader of term 3',
  ]);
});

test('leaders that follow each other, lead the same term, or know of no terms, are left as they are', () => {
  const kinds = (marks: readonly Mark[]) => spellsOf(marks, [], 10).map(({ kind }) => kind);
  expect(kinds([role(1, 'n1', 'leader', 3), role(2, 'n1', 'leader', 4), role(3, 'n1', 'other')])).toEqual([
    'leader',
    'leader',
  ]);
  expect(kinds([role(1, 'n1', 'leader', 3), role(2, 'n2', 'leader', 3)])).toEqual(['leader', 'leader']);
  expect(kinds([role(1, 'n1', 'leader'), role(2, 'n2', 'leader', 3)])).toEqual(['leader', 'leader']);
  expect(kinds([role(1, 'n1', 'backup', 1), role(2, 'n2', 'leader', 3)])).toEqual(
    ['leader', 'role'].toReversed(),
  );
});

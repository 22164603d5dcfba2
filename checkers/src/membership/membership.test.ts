import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { HistoryEvent } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { membership } from './membership.ts';

/** Milliseconds. */
interface Asked {
  readonly node: string;
  readonly f: 'silence' | 'settled' | 'members';
  readonly from: number;
  readonly to: number;
  readonly how: 'ok' | 'info' | 'fail';
  readonly value: number | readonly string[];
}

const WITHIN = 4;
const NODES = ['n1', 'n2', 'n3'];

function judge(asked: readonly Asked[]): Verdict {
  // Every node is asked something, so that everybody is known.
  const all = [
    ...NODES.map((node): Asked => ({ node, f: 'members', from: 0, to: 0, how: 'info', value: [] })),
    ...asked,
  ];
  const events = all.flatMap(({ node, f, from, to, how, value }, process) => [
    { process, f, node, time: from * 1e6, type: 'invoke', ...(f === 'silence' && { value }) },
    { process, f, node, time: to * 1e6, type: how, ...(how === 'ok' && f !== 'silence' && { value }) },
  ]);
  const order = { invoke: 0, ok: 1, info: 1, fail: 1 } as Record<string, number>;
  events.sort((a, b) => a.time - b.time || (order[a.type] as number) - (order[b.type] as number));
  const { history } = tabulate(events.map((event, index) => ({ ...event, index })) as HistoryEvent[]);
  return membership({ withinMs: WITHIN }).check(history, plenty()) as Verdict;
}

const silence = (node: string, from: number, to: number, ms: number, how: Asked['how'] = 'ok'): Asked => ({
  node,
  f: 'silence',
  from,
  to,
  how,
  value: ms,
});
const settled = (node: string, from: number, to: number, ...members: string[]): Asked => ({
  node,
  f: 'settled',
  from,
  to,
  how: 'ok',
  value: members,
});

test.each([
  ['everybody is there', [settled('n1', 10, 11, 'n1', 'n2', 'n3')], true, []],
  ['a silence is noticed', [silence('n3', 1, 2, 20), settled('n1', 7, 8, 'n1', 'n2')], true, []],
  ['there was no time to notice', [silence('n3', 1, 4, 20), settled('n1', 7, 8, 'n1', 'n2', 'n3')], true, []],
  [
    'it is not noticed',
    [silence('n3', 1, 2, 20), settled('n1', 7, 8, 'n1', 'n2', 'n3')],
    false,
    ['undetected failure'],
  ],
  ['it is long back', [silence('n3', 1, 2, 2), settled('n1', 9, 9, 'n1', 'n2')], false, ['missing member']],
  ['it may be silent still', [silence('n3', 1, 2, 2, 'info'), settled('n1', 90, 90, 'n1', 'n2')], true, []],
  [
    'it was refused',
    [silence('n3', 1, 2, 20, 'fail'), settled('n1', 7, 8, 'n1', 'n2')],
    false,
    ['missing member'],
  ],
  ['somebody unheard of', [settled('n1', 7, 8, 'n1', 'n2', 'n3', 'n4')], false, ['stranger']],
  ['who is silent itself is not asked', [silence('n1', 1, 2, 20), settled('n1', 7, 8, 'n1')], 'unknown', []],
] as const)('%s', (_, asked, valid, kinds) => {
  const verdict = judge(asked);
  expect({ valid: verdict.valid, kinds: verdict.anomalies.map(({ kind }) => kind) }).toEqual({
    valid,
    kinds,
  });
});

test('a sentence says who missed whom, and for how long', () => {
  expect(
    judge([silence('n3', 1, 2, 20), settled('n1', 7, 8, 'n1', 'n2', 'n3')]).anomalies[0]?.explanation,
  ).toBe('n1 took n3 for a member at 0.007 s, although it had been silent for 5 ms.');
});

const LATEST = 24;
const moments = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Tries every moment at which each silence may have begun and the answer been given: is there one that excuses it? */
function excusable({ from, to, value }: Asked, silences: readonly Asked[]): boolean {
  const answered = moments(from, to);
  return NODES.every((node) => {
    const own = silences.filter((it) => it.node === node && it.how !== 'fail');
    const begins = (it: Asked): number[] => moments(it.from, it.how === 'ok' ? it.to : LATEST);
    if ((value as readonly string[]).includes(node))
      // One of unknown outcome may never have begun.
      return own.every(
        (it) =>
          it.how === 'info' ||
          answered.some((t) => begins(it).some((a) => a > t - WITHIN || t > a + Number(it.value))),
      );
    return answered.some((t) =>
      own.some((it) => begins(it).some((a) => a <= t && a + Number(it.value) >= t - WITHIN)),
    );
  });
}

test('a read is wrong if no moment excuses it, and otherwise not', () => {
  const moment = fc.integer({ min: 0, max: 16 });
  const spell = fc
    .record({
      node: fc.constantFrom(...NODES),
      from: moment,
      took: fc.integer({ min: 0, max: 3 }),
      ms: fc.integer({ min: 1, max: 8 }),
      how: fc.constantFrom('ok', 'ok', 'ok', 'info', 'fail'),
    })
    .map(({ node, from, took, ms, how }) => silence(node, from, from + took, ms, how as Asked['how']));
  const read = fc
    .record({
      node: fc.constantFrom(...NODES),
      from: moment,
      took: fc.integer({ min: 0, max: 3 }),
      members: fc.subarray(NODES),
    })
    .map(({ node, from, took, members }) => settled(node, from, from + took, ...members));
  const answers = new Set<unknown>();
  fc.assert(
    fc.property(fc.array(spell, { maxLength: 3 }), read, (silences, one) => {
      const deaf = silences.some(
        (it) =>
          it.node === one.node &&
          it.how !== 'fail' &&
          it.from <= one.to &&
          (it.how === 'info' ? Infinity : it.to + Number(it.value)) >= one.from - WITHIN,
      );
      const { valid } = judge([...silences, one]);
      answers.add(valid);
      expect(valid).toBe(deaf ? 'unknown' : excusable(one, silences));
    }),
    { numRuns: runs(2000) },
  );
  expect(answers).toEqual(new Set([true, false, 'unknown']));
});

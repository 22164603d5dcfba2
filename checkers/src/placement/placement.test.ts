import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../checker.ts';
import type { History, HistoryEvent } from '../history.ts';
import { plenty, runs } from '../linearizable/testing.ts';
import { tabulate } from '../table/tabulate.ts';
import { placement, type PlacementOptions } from './placement.ts';

type Deed =
  | { readonly write: string; readonly type?: 'ok' | 'info' | 'fail' }
  | { readonly node: string; readonly owned: readonly string[]; readonly epoch?: number }
  | { readonly resize: readonly [before: number, after: number, moved: number, total: number] };

const members = ['n1', 'n2'];

/** One after the other. */
function history(deeds: readonly Deed[]): History {
  const events: HistoryEvent[] = [];
  for (const [process, deed] of deeds.entries()) {
    const [f, key, value, type] =
      'write' in deed
        ? ['write', deed.write, undefined, deed.type ?? 'ok']
        : 'owned' in deed
          ? ['owned', 'all', [deed.epoch ?? 1, members, deed.owned], 'ok']
          : ['resize', 'all', deed.resize, 'ok'];
    const node = 'node' in deed ? deed.node : 'n1';
    const about = { process, f, key };
    events.push({
      index: events.length,
      time: events.length * 5e8,
      ...about,
      node,
      type: 'invoke',
    } as HistoryEvent);
    const more = type === 'ok' && value !== undefined ? { value } : {};
    events.push({ index: events.length, time: events.length * 5e8, ...about, type, ...more } as HistoryEvent);
  }
  return tabulate(events).history;
}

const judge = (deeds: readonly Deed[], options?: PlacementOptions): Verdict =>
  placement(options).check(history(deeds), plenty()) as Verdict;
const kinds = (deeds: readonly Deed[], options?: PlacementOptions): string[] =>
  judge(deeds, options).anomalies.map(({ kind }) => kind);

test('a key has one owner', () => {
  const all: Deed[] = [{ write: 'a' }, { write: 'b' }];
  expect(kinds([...all, { node: 'n1', owned: ['a'] }, { node: 'n2', owned: ['b'] }])).toEqual([]);
  expect(kinds([...all, { node: 'n1', owned: ['a', 'b'] }, { node: 'n2', owned: ['b'] }])).toEqual([
    'two owners',
  ]);
  expect(kinds([...all, { node: 'n1', owned: ['a'] }, { node: 'n2', owned: [] }])).toEqual([
    'key without an owner',
  ]);
  expect(
    judge([...all, { node: 'n1', owned: ['a', 'b'] }, { node: 'n2', owned: ['b'] }]).anomalies[0],
  ).toMatchObject({
    operations: [2, 3],
    explanation:
      'b has two owners, both in epoch 1: n1 told client 2 so at 2.500 s, and n2 told client 3 so at 3.500 s.',
  });
});

test('a change moves about a share, and nobody has much more than one', () => {
  expect(kinds([{ resize: [3, 4, 100, 400] }])).toEqual([]);
  expect(kinds([{ resize: [3, 4, 300, 400] }])).toEqual(['moved too many keys']);
  expect(kinds([{ resize: [3, 4, 300, 400] }], { moves: Infinity })).toEqual([]);
  const many = Array.from({ length: 400 }, (_, i) => `x${i}`);
  const split = (at: number): Deed[] => [
    ...many.map((write) => ({ write })),
    { node: 'n1', owned: many.slice(0, at) },
    { node: 'n2', owned: many.slice(at) },
  ];
  expect(kinds(split(250))).toEqual([]);
  expect(kinds(split(398))).toEqual(['out of balance']);
  expect(kinds(split(398), { share: Infinity })).toEqual([]);
});

test('owners are found wanting exactly where a look at every key and every pair of answers says so', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const deed = fc.oneof(
    fc.record({ write: key, type: fc.constantFrom('ok', 'ok', 'info', 'fail') }),
    fc.record({
      node: fc.constantFrom('n1', 'n2'),
      owned: fc.uniqueArray(key, { maxLength: 3 }),
      epoch: fc.constantFrom(1, 1, 2),
    }),
  ) as fc.Arbitrary<Deed>;
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 8 }), (deeds) => {
      const claims = deeds.flatMap((it, at) => ('owned' in it ? [{ ...it, at }] : []));
      const both = claims.some((a) =>
        claims.some(
          (b) => a.epoch === b.epoch && a.node !== b.node && a.owned.some((k) => b.owned.includes(k)),
        ),
      );
      const nodes = new Set(deeds.map((it) => ('node' in it ? it.node : 'n1')));
      const none = [1, 2].some((epoch) => {
        const mine = claims.filter((claim) => claim.epoch === epoch);
        const complete =
          mine.length > 0 && [...nodes].every((node) => mine.some((claim) => claim.node === node));
        return (
          complete &&
          deeds.some(
            (it, at) =>
              'write' in it &&
              it.type === 'ok' &&
              mine.every((claim) => at < claim.at && !claim.owned.includes(it.write)),
          )
        );
      });
      const found = new Set(kinds(deeds, { share: Infinity }));
      expect([found.has('two owners'), found.has('key without an owner')]).toEqual([both, none]);
      seen.add(`${both} ${none}`);
    }),
    { numRuns: runs(3000) },
  );
  expect(seen.size).toBe(4);
});

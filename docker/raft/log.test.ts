import { array, assert, constantFrom, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { openJournal } from '../kit/journal.ts';
import { Log } from './log.ts';
import type { Entry } from './messages.ts';

const entry = (term: number, value: number): Entry => ({ term, command: { f: 'write', key: 'x', value } });

/** A log on a disk whose records are at hand, and as an array whose first place is entry 1. */
function make(): {
  readonly records: string[];
  readonly log: Log;
  readonly reopen: (records: readonly string[]) => Log;
} {
  const records: string[] = [];
  const disk = openJournal({ records: [], write: (it) => void records.push(it), sync: async () => {} });
  const reopen = (from: readonly string[]): Log =>
    new Log(openJournal({ records: from, write: () => {}, sync: async () => {} }), undefined);
  return { records, log: new Log(disk, undefined), reopen };
}
const held = (log: Log): unknown => [
  log.base,
  log.last,
  Array.from({ length: log.last - log.base }, (_, i) => log.entry(log.base + 1 + i)),
];

test('a log that followed a leader is the leader’s, whatever was in it before', () => {
  const terms = array(integer({ min: 1, max: 4 }), { maxLength: 12 }).map((them) =>
    them.toSorted((a, b) => a - b),
  );
  assert(
    property(terms, terms, nat(12), nat(12), (mine, leaders, agreeing, from) => {
      const common = Math.min(agreeing, mine.length, leaders.length);
      const theirs = leaders.map((term, i) => entry(term, i));
      // Two logs agree up to a point, and from there on no two entries have the same term, as Raft keeps it.
      const own = [
        ...theirs.slice(0, common),
        ...mine.slice(common).map((term, i) => entry(term + 4, 100 + i)),
      ];
      const { log, records, reopen } = make();
      for (const it of own) log.append(it);
      const prev = Math.min(from, common);
      log.merge(prev, theirs.slice(prev));
      expect(held(log)).toEqual([
        0,
        own.length > common && theirs.length === common ? own.length : theirs.length,
        own.length > common && theirs.length === common ? own : theirs,
      ]);
      expect(held(reopen(records))).toEqual(held(log));
    }),
  );
});

test('entries that arrive late and twice take nothing away', () => {
  const { log } = make();
  const entries = [1, 1, 2, 2, 2].map(entry);
  log.merge(0, entries);
  log.merge(1, entries.slice(1, 3));
  log.merge(0, []);
  expect(held(log)).toEqual([0, 5, entries]);
});

test('a snapshot stands in for what it covers, and what follows on stays', () => {
  const { log } = make();
  for (const term of [1, 1, 2, 3]) log.append(entry(term, term));
  log.replace({ index: 3, term: 2, state: 'three' });
  expect([log.base, log.last, log.termAt(2), log.termAt(3), log.termAt(4)]).toEqual([3, 4, undefined, 2, 3]);
  // Entry 3 of another term: what followed it here followed something else.
  log.replace({ index: 4, term: 9, state: 'four' });
  expect([log.base, log.last, log.snapshot.state]).toEqual([4, 4, 'four']);
});

test('wherever a crash cuts the journal, the log is one that it had been, and snapshot and entries belong together', () => {
  const step = record({ kind: constantFrom('append', 'compact', 'install'), by: nat(5) });
  assert(
    property(array(step, { maxLength: 25 }), nat(), (steps, cut) => {
      const { log, records, reopen } = make();
      const states = [held(log)];
      for (const { kind, by } of steps) {
        if (kind === 'append') log.append(entry(1, by));
        else {
          // Beyond the end, or with another term: another node's snapshot.
          const index = kind === 'install' ? log.last + by : log.base + Math.min(by, log.last - log.base);
          log.replace({ index, term: kind === 'install' ? 2 : (log.termAt(index) ?? 1), state: index });
        }
        states.push(held(log));
      }
      expect(states).toContainEqual(held(reopen(records.slice(0, cut % (records.length + 1)))));
    }),
  );
});

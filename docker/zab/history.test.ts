import { array, assert, constantFrom, nat, property, record, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { openJournal } from '../kit/journal.ts';
import { History, lengthTo, syncFor } from './history.ts';
import { after, fresher, type Held, type Txn, type Zxid } from './messages.ts';

const txn = (zxid: Zxid): Txn => ({
  zxid,
  change: { f: 'write', key: 'x', value: 1000 * zxid[0] + zxid[1] },
  request: { node: 'n1', life: 1, number: zxid[1] },
});

/** A history on a disk whose records are at hand. */
function make(zxids: readonly Zxid[] = []): {
  readonly records: string[];
  readonly history: History;
  readonly reopen: (records: readonly string[]) => History;
} {
  const records: string[] = [];
  const disk = openJournal({ records: [], write: (it) => void records.push(it), sync: async () => {} });
  const history = new History(disk, undefined);
  for (const zxid of zxids) history.append(txn(zxid));
  const reopen = (from: readonly string[]): History =>
    new History(openJournal({ records: from, write: () => {}, sync: async () => {} }), undefined);
  return { records, history, reopen };
}

const held = ({ base, txns }: Held): Held => ({ base, txns: [...txns] });

/** Transactions of rising epochs, a few of each. */
const lengths = array(nat(4), { maxLength: 4 });
const zxidsOf = (counts: readonly number[], from = 1): Zxid[] =>
  counts.flatMap((count, e) => Array.from({ length: count }, (_, i): Zxid => [from + e, i + 1]));

test('whoever adopts what it is sent has the leader’s history, whatever it had accepted and compacted', () => {
  assert(
    property(lengths, lengths, lengths, tuple(nat(20), nat(20)), (common, mine, leaders, [a, b]) => {
      // Two histories agree up to a point, and from there on no number is in both, as epochs see to.
      const both = zxidsOf(common);
      const { history: own, records, reopen } = make([...both, ...zxidsOf(mine, 5)]);
      const { history: leader } = make([...both, ...zxidsOf(leaders, 10)]);
      for (const [history, at] of [
        [own, a],
        [leader, b],
      ] as const) {
        // Only what is committed is compacted, and that both have.
        const compacted = both[at % (both.length + 1)];
        if (compacted) history.compact(compacted, { upTo: compacted });
      }
      const sync = syncFor(held(own), held(leader));
      own.adopt(sync);
      expect(own.last).toEqual(leader.last);
      const from = after(own.base.zxid, leader.base.zxid) ? own.base.zxid : leader.base.zxid;
      const tail = (history: Held): readonly Txn[] => history.txns.slice(lengthTo(history, from));
      expect(tail(own)).toEqual(tail(leader));
      expect(held(reopen(records))).toEqual(held(own));
    }),
  );
});

test('wherever a crash cuts the journal, no committed transaction is missing, and base and transactions belong together', () => {
  const step = record({ kind: constantFrom('append', 'compact', 'adopt'), by: nat(5) });
  assert(
    property(array(step, { maxLength: 25 }), nat(), (steps, cut) => {
      const { history, records, reopen } = make();
      let epoch = 1;
      const states = [held(history)];
      for (const { kind, by } of steps) {
        if (kind === 'append')
          history.append(txn([epoch, history.last[0] === epoch ? history.last[1] + 1 : 1]));
        else if (kind === 'compact') {
          const upTo = history.txns[by]?.zxid;
          if (upTo) history.compact(upTo, { upTo });
        } else {
          const keep = history.txns[Math.max(0, history.txns.length - by)]?.zxid ?? history.last;
          epoch++;
          const length = lengthTo(history, keep);
          // One record at a time: what is cut off first may be all that a crash leaves.
          states.push({ base: history.base, txns: history.txns.slice(0, length) });
          history.adopt({ after: keep, txns: [txn([epoch, 1])] });
        }
        states.push(held(history));
      }
      expect(states).toContainEqual(held(reopen(records.slice(0, cut % (records.length + 1)))));
    }),
  );
});

test('a later epoch counts for more than a longer history', () => {
  expect(fresher({ currentEpoch: 2, last: [1, 3] }, { currentEpoch: 1, last: [1, 9] })).toBe(true);
  expect(fresher({ currentEpoch: 2, last: [2, 1] }, { currentEpoch: 2, last: [1, 9] })).toBe(true);
  expect(fresher({ currentEpoch: 2, last: [2, 1] }, { currentEpoch: 2, last: [2, 1] })).toBe(false);
});

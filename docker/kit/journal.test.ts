import {
  assert,
  asyncProperty,
  array,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  constant,
  property,
} from 'fast-check';
import { expect, test } from 'vitest';
import { openJournal, type Backing } from './journal.ts';
import type { Disk } from './kit.ts';

const name = constantFrom('a', 'b', '__proto__');
const change = oneof(
  record({ kind: constant('set' as const), name, value: oneof(integer(), constant(null), array(integer())) }),
  record({ kind: constant('push' as const), name, items: array(integer(), { maxLength: 3 }) }),
  record({ kind: constant('truncate' as const), name, length: nat(4) }),
);
type Change = typeof change extends { generate: (...args: never[]) => { value: infer T } } ? T : never;

test('a crash keeps what was synced and, of the rest, some prefix in the order it was written', () => {
  assert(
    property(array(change), nat(), nat(), (changes, syncedAt, keptOfTheRest) => {
      const synced = syncedAt % (changes.length + 1);
      const records: string[] = [];
      const disk = openJournal(backing(records));
      /** How many records there were after each change. */
      const after = [0, ...changes.map((it) => (apply(disk, it), records.length))];
      const durable = after[synced] ?? 0;
      const kept = durable + (keptOfTheRest % (records.length - durable + 1));
      const survived = contents(openJournal(backing(records.slice(0, kept))));
      const prefixes = changes.map((_, i) => changes.slice(0, i + 1)).concat([[]]);
      expect(
        prefixes.filter((prefix) => prefix.length >= synced).map((prefix) => contents(replayed(prefix))),
      ).toContainEqual(survived);
    }),
  );
});

test('one record of everything is worth all the records before it', async () => {
  await assert(
    asyncProperty(array(change), array(change), async (before, after) => {
      const records: string[] = [];
      const disk = openJournal({
        ...backing(records),
        sync: async (whole) => void records.splice(0, Infinity, whole()),
      });
      for (const it of before) apply(disk, it);
      await disk.sync();
      expect(records).toHaveLength(1);
      for (const it of after) apply(disk, it);
      expect(contents(openJournal(backing(records)))).toEqual(contents(replayed([...before, ...after])));
    }),
  );
});

test('what was stored cannot be changed through what was handed over, or through what is read', () => {
  const disk = openJournal(backing([]));
  const given = { inner: [1] };
  disk.set('it', given);
  given.inner.push(2);
  expect(disk.get('it')).toEqual({ inner: [1] });
  expect(() => disk.get<typeof given>('it')?.inner.push(3)).toThrow(TypeError);
});

function backing(records: string[]): Backing {
  return { records: [...records], write: (it) => void records.push(it), sync: async () => {} };
}

function replayed(changes: readonly Change[]): Disk {
  const disk = openJournal(backing([]));
  for (const it of changes) apply(disk, it);
  return disk;
}

function apply(disk: Disk, it: Change): void {
  if (it.kind === 'set') disk.set(it.name, it.value);
  else if (it.kind === 'push') disk.list(it.name).push(...it.items);
  else disk.list(it.name).truncate(it.length);
}

function contents(disk: Disk): unknown {
  return ['a', 'b', '__proto__'].map((it) => [disk.get(it) ?? null, [...disk.list(it).items]]);
}

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, nat, string, uint8Array } from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openJournal } from '../journal.ts';
import { openJournalFile, readGood, lineOf } from './journal-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'labrys-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const fresh = (): string => join(folder, String(++made));
const noWhole = (): string => expect.unreachable('this journal is short');

test('a torn end is cut off: what remains is what was written, up to the tear', async () => {
  await assert(
    asyncProperty(
      array(string({ unit: 'binary' })),
      nat(),
      uint8Array({ maxLength: 12 }),
      async (texts, cut, noise) => {
        const records = texts.map((text) => JSON.stringify(text));
        const at = fresh();
        await using first = await openJournalFile(at);
        for (const record of records) first.write(record);
        await first.sync(noWhole);
        const file = join(at, 'journal');
        const length = cut % (statSync(file).size + 1);
        truncateSync(file, length);
        appendFileSync(file, noise);
        const whole = records.filter((_, i) => bytes(records.slice(0, i + 1)) <= length);
        await using second = await openJournalFile(at);
        // Noise may by chance restore what was torn; it can add nothing that was not there.
        expect(second.records.slice(0, whole.length)).toEqual(whole);
        expect(records.slice(0, second.records.length)).toEqual(second.records);
        second.write('"after"');
        await second.sync(noWhole);
        expect(readGood(readFileSync(file)).records.at(-1)).toBe('"after"');
      },
    ),
    { numRuns: 25 },
  );
});

test('what was not synced is not in the file', async () => {
  const at = fresh();
  await using journal = await openJournalFile(at);
  journal.write('1');
  await journal.sync(noWhole);
  journal.write('2');
  expect(readGood(readFileSync(join(at, 'journal'))).records).toEqual(['1']);
});

test('whoever asks for a sync gets what was written before on the disk, however many ask at once', async () => {
  const at = fresh();
  await using journal = await openJournalFile(at);
  const seen: boolean[] = [];
  await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      journal.write(String(i));
      await journal.sync(noWhole);
      seen.push(readGood(readFileSync(join(at, 'journal'))).records.includes(String(i)));
    }),
  );
  expect(seen).toEqual(Array.from({ length: 50 }, () => true));
});

test('a journal that is written for ever stays in proportion to what it holds, and loses nothing', async () => {
  const at = fresh();
  await using backing = await openJournalFile(at, 2_000);
  const disk = openJournal(backing);
  for (let i = 1; i <= 500; i++) {
    disk.set('counter', i);
    disk.list<number>('last').push(i);
    if (i % 10 === 0) disk.list('last').truncate(0);
    await disk.sync();
  }
  expect(statSync(join(at, 'journal')).size).toBeLessThan(4_000);
  await using reopened = await openJournalFile(at);
  const again = openJournal(reopened);
  expect([again.get('counter'), again.list('last').items]).toEqual([500, []]);
});

test('a rewrite that a crash interrupted is forgotten', async () => {
  const at = fresh();
  await using journal = await openJournalFile(at);
  journal.write('"kept"');
  await journal.sync(noWhole);
  writeFileSync(join(at, 'journal.new'), lineOf('["half of'));
  await using again = await openJournalFile(at);
  expect(again.records).toEqual(['"kept"']);
});

const bytes = (records: readonly string[]): number => Buffer.byteLength(records.map(lineOf).join(''));

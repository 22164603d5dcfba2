import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readColumns, readJsonl, writeColumns, type ReadHistory } from 'knossos-js';
import { expect, onTestFinished, test } from 'vitest';
import { runFolder, type Loose } from './fixtures/run.ts';
import { readHistory } from './read-history.ts';

const always = { keep: true, least: 0 };

/** One process that writes this value again and again. */
const writes = (operations: number, value = 1): Loose[] =>
  Array.from({ length: operations }, (_, i): Loose[] => [
    { time: 2 * i, process: 0, type: 'invoke', f: 'write', key: 'x', value },
    { time: 2 * i + 1, process: 0, type: 'ok', f: 'write', key: 'x' },
  ]).flat();

const mark: Loose = { type: 'mark', time: 1e12, name: 'phase', what: 'end' };

async function run(events: readonly Loose[] | undefined, tail = '') {
  const folder = await runFolder(events, {}, tail);
  onTestFinished(() => rm(folder, { recursive: true }));
  return {
    folder,
    jsonl: join(folder, 'history.jsonl'),
    columns: join(folder, 'history.columns'),
    files: async () => (await readdir(folder)).sort(),
  };
}

const all = ({ history, marks, torn }: ReadHistory) => ({ operations: [...history], marks, torn });

test('columns are kept by the one reader who is to keep them, and give what the JSONL gives', async () => {
  const { folder, files, jsonl } = await run([...writes(50), mark], '{"index":101,"ti');
  const parsed = all(readHistory(folder, { ...always, keep: false }));
  expect(await files()).toEqual(['history.jsonl', 'plan.json']);
  expect(all(readHistory(folder, always))).toEqual(parsed);
  expect(await files()).toEqual(['history.columns', 'history.jsonl', 'plan.json']);
  expect(all(readHistory(folder, { keep: false }))).toEqual(parsed);
  expect(parsed).toEqual(all(readJsonl(await readFile(jsonl))));
  expect(parsed.torn?.line).toBe(102);
});

test('what columns say is what is read, as long as they were made from this very file', async () => {
  const { folder, columns } = await run(writes(50));
  const other = await run(writes(3));
  readHistory(folder, always);
  const source = readColumns(await readFile(columns))?.source;
  const planted = source && writeColumns(readHistory(other.folder, always), source);
  if (!planted) throw new Error('no columns were kept');
  await writeFile(columns, planted);
  expect(readHistory(folder, always).history.length).toBe(3);
});

test('a history that has changed is read anew, though its length and its time are as before', async () => {
  const { folder, jsonl } = await run(writes(50, 1));
  readHistory(folder, always);
  const { atime, mtime, size } = await stat(jsonl);
  await writeFile(jsonl, (await readFile(jsonl, 'utf8')).replace('"value":1', '"value":2'));
  await utimes(jsonl, atime, mtime);
  expect((await stat(jsonl)).size).toBe(size);
  expect(readHistory(folder, always).history.operation(0).input).toBe(2);
  // And kept anew.
  expect(readHistory(folder, { keep: false }).history.operation(0).input).toBe(2);
});

test('columns outlive neither a longer history nor none', async () => {
  const { folder, jsonl } = await run(writes(50));
  readHistory(folder, always);
  const before = await readFile(jsonl, 'utf8');
  await writeFile(
    jsonl,
    `${before}{"index":100,"time":100,"process":0,"type":"invoke","f":"read","key":"x"}\n`,
  );
  expect(readHistory(folder, { keep: false }).history.length).toBe(51);
  await rm(jsonl);
  expect(readHistory(folder, { keep: false }).history.length).toBe(0);
});

test.each([
  ['empty', () => new Uint8Array()],
  ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 16)],
  ['of another version', (bytes: Uint8Array) => bytes.with(8, 99)],
  ['altered', (bytes: Uint8Array) => bytes.with(bytes.length - 500, 99)],
])('columns that are %s are passed over', async (_, damage) => {
  const { folder, columns } = await run(writes(50));
  const parsed = all(readHistory(folder, always));
  await writeFile(columns, damage(new Uint8Array(await readFile(columns))));
  expect(all(readHistory(folder, { keep: false }))).toEqual(parsed);
});

test('a small history is not worth columns, a larger one is', async () => {
  const [small, large] = [await run(writes(19_999)), await run(writes(20_000))];
  for (const { folder } of [small, large]) readHistory(folder, { keep: true });
  expect(await small.files()).toEqual(['history.jsonl', 'plan.json']);
  expect(await large.files()).toContain('history.columns');
});

test('where columns cannot be written, the history is read all the same, and nothing half is left', async () => {
  const { folder, columns, files } = await run(writes(50));
  await mkdir(join(columns, 'in the way'), { recursive: true });
  expect(readHistory(folder, always).history.length).toBe(50);
  expect(await files()).toEqual(['history.columns', 'history.jsonl', 'plan.json']);
});

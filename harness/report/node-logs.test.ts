import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packSurroundings } from './explorer/surroundings.ts';
import { readNodeLogs } from './node-logs.ts';

async function logs(stdout: string, times: readonly (readonly [at: number, length: number])[]) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'labrys-logs-'));
  const place = join(folder.path, 'nodes', 'n1');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'stdout.log'), stdout);
  const lines = times.map(([at, length]) => JSON.stringify({ time: at * 1e9, stdout: length, stderr: 0 }));
  await writeFile(join(place, 'times.jsonl'), `${lines.join('\n')}\n{"time":1`);
  return folder;
}

test('a line was written by the time at which the log was first seen to be so long', async () => {
  await using folder = await logs('one\ntwo\nthree\nhalf', [
    [1, 4],
    [2, 6],
    [3, 14],
  ]);
  expect((await readNodeLogs(folder.path, ['n1', 'n2'])).map(({ at, text }) => [at, text])).toEqual([
    [1, 'one'],
    [3, 'two'],
    [3, 'three'],
    [3, 'half'],
  ]);
});

test('what kit nodes write is said in words, and what cannot be seen is shown', async () => {
  const kit = '{"time":1,"node":"n1","role":"leader","term":4,"log":"took over"}';
  await using folder = await logs(`${kit}\n\u001b[31mred\u202e\n`, [[1, 200]]);
  const texts = (await readNodeLogs(folder.path, ['n1'])).map(({ text }) => text);
  expect(texts).toEqual(['leader term 4: took over', '\\x1b[31mred\\u202e']);
});

test('a node’s name out of a plan leads nowhere but into the run', async () => {
  await using folder = await logs('secret\n', [[1, 7]]);
  expect(await readNodeLogs(folder.path, ['../nodes/n1', '/etc', '..'])).toEqual([]);
});

test('of more lines than a page can carry, those nearest to what matters are kept', () => {
  const said = Array.from({ length: 50_000 }, (_, i) => ({ node: 'n1', at: i / 100, text: String(i) }));
  const { lines, about } = packSurroundings(['n1'], said, [], [250]);
  expect(about.logsCut).toBe(true);
  expect(lines).toHaveLength(20_000);
  expect(lines[0]?.[2]).toBe('15000');
  expect(lines.at(-1)?.[2]).toBe('34999');
});

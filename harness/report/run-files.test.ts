import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as golden from './golden/runs.ts';
import { readRun } from './run-files.ts';
import { renderRun } from './report.ts';

test('a history that is missing, torn or garbled costs the page its charts, never its verdict', async () => {
  await using run = await golden.writeGolden(golden.staleRead());
  const folder = run.path;
  const history = join(folder, 'history.jsonl');
  await writeFile(history, '{"index":0,"time":1,"process":0,"type":"invoke","f":"read"}\n{"index":1,"ti');
  expect((await readRun(folder)).gap).toBe(
    'The history ends in a torn line, 2; what came before it is shown.',
  );
  await writeFile(history, 'nonsense\n');
  expect((await readRun(folder)).gap).toMatch(/^The history cannot be read: history\.jsonl:1:/);
  await rm(history);
  expect((await readRun(folder)).gap).toBe('This run left no history.');
  expect(await renderRun(folder)).toBe(join(folder, 'index.html'));
});

test('a folder without a verdict says what to do', async () => {
  await using run = await golden.writeGolden(golden.pass());
  const folder = run.path;
  await rm(join(folder, 'result.json'));
  await expect(renderRun(folder)).rejects.toMatchObject({
    exitCode: 64,
    hint: expect.stringContaining('labrys check') as string,
  });
});

test('a verdict of another version is refused by name', async () => {
  await using run = await golden.writeGolden(golden.pass());
  const folder = run.path;
  await writeFile(join(folder, 'result.json'), '{"schema":"labrys/result@9"}');
  await expect(renderRun(folder)).rejects.toThrow('is of format "labrys/result@9"');
});

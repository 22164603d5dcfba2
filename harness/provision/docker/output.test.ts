import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Output } from './output.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'labrys-output-')), 'nodes', 'n1');
});
afterEach(() => rmSync(join(folder, '../..'), { recursive: true }));

test('what a node says is appended over all its lives, each stream to its own file', async () => {
  for (const life of ['one', 'two']) {
    await using output = new Output(folder);
    output.stdout.write(`out ${life}\n`);
    output.stderr.write(`err ${life}\n`);
  }
  expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('out one\nout two\n');
  expect(readFileSync(join(folder, 'stderr.log'), 'utf8')).toBe('err one\nerr two\n');
});

test('the last lines are whole lines, wherever the pieces were cut, and last words without a line break count', async () => {
  await using output = new Output(folder);
  await Promise.all(['fir', 'st\nsec', 'ond\n\nlast wo'].map((piece) => say(output, piece)));
  expect(output.lastLines()).toEqual(['first', 'second', 'last wo']);
  await say(output, 'rds\n');
  expect(output.lastLines(1)).toEqual(['last words']);
});

test('however much a node says, only its end is kept in memory', async () => {
  await using output = new Output(folder);
  for (let line = 0; line < 1000; line++) await say(output, `${line}\n`);
  await say(output, 'x'.repeat(100_000));
  const kept = output.lastLines(10_000);
  expect(kept.slice(-3).map((line) => line.length)).toEqual([3, 3, 10_000]);
  expect(kept.length).toBeLessThan(300);
});

function say(output: Output, text: string): Promise<void> {
  return new Promise((resolve) => output.stdout.write(text, () => resolve()));
}

import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastLinesOf } from './tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'labrys-tail-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the file that was written last has the last word', () => {
  const [out, err] = [file('out', 'one\ntwo\n', 100), file('err', 'bad\nworse\n', 200)];
  expect(lastLinesOf([out, err], 3)).toEqual(['two', 'bad', 'worse']);
  utimesSync(out, 300, 300);
  expect(lastLinesOf([out, err], 3)).toEqual(['worse', 'one', 'two']);
});

test('a file that is not there has said nothing', () => {
  expect(lastLinesOf([join(folder, 'none'), file('some', 'here', 1)], 5)).toEqual(['here']);
});

test('of a file of many megabytes only the end is read, and no line is torn', () => {
  const big = file('big', '', 1);
  for (let chunk = 0; chunk < 20; chunk++) appendFileSync(big, `${'x'.repeat(99)}\n`.repeat(10_000));
  appendFileSync(big, 'last\n');
  const lines = lastLinesOf([big], 10_000);
  expect(lines.length).toBeGreaterThan(500);
  expect(lines.length).toBeLessThan(1000);
  expect(lines.at(-1)).toBe('last');
  expect(new Set(lines.slice(0, -1))).toEqual(new Set(['x'.repeat(99)]));
});

function file(name: string, text: string, writtenSeconds: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, writtenSeconds, writtenSeconds);
  return path;
}

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandPath } from './command-path.ts';
import { missingCommand } from './missing-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'labrys-path-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the first folder that has it executable wins, as in a shell', () => {
  for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
  mkdirSync(join(folder, 'a/tool'));
  for (const name of ['b', 'c']) writeFileSync(join(folder, name, 'tool'), '');
  const path = ['a', 'b', 'c'].map((name) => join(folder, name)).join(':');
  expect(commandPath('tool', path)).toBeUndefined();
  chmodSync(join(folder, 'c/tool'), 0o755);
  expect(commandPath('tool', path)).toBe(join(folder, 'c/tool'));
  expect(commandPath(join(folder, 'c/tool'), '')).toBe(join(folder, 'c/tool'));
});

test('what is missing is named, with what to install', () => {
  const missing = missingCommand('etcd');
  expect(missing.message).toBe('etcd: not on PATH');
  expect(missing.hint).toBe('Install it (apt-get install etcd-server), or use --runtime docker.');
  expect(missing.exitCode).toBe(3);
  expect(missingCommand('./mine').hint).toContain('path in the recipe');
});

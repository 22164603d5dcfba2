import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, thisHarness } from './owner.ts';

test('the harness that asks is alive', () => {
  expect(isAlive(thisHarness())).toBe(true);
});

test('a process that ended is dead, and so is one whose id was used again', async () => {
  const parts = thisHarness().split('/');
  const child = spawn('true');
  await once(child, 'exit');
  expect(isAlive(parts.with(3, String(child.pid)).join('/'))).toBe(false);
  expect(isAlive(parts.with(4, '12345').join('/'))).toBe(false);
});

test('an earlier boot’s harness is dead, another machine’s is given the benefit of the doubt', () => {
  const parts = thisHarness().split('/');
  expect(isAlive(parts.with(1, 'earlier').join('/'))).toBe(false);
  expect(isAlive(parts.with(0, 'elsewhere').join('/'))).toBe(true);
  expect(isAlive(undefined)).toBe(true);
});

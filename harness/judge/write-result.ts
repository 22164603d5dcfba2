import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { Result } from '../record/result.ts';

/**
 * Writes `result.json` so that whoever looks sees the old one or the whole new one, also after a power failure: a
 * verdict, once said, is not lost to whatever happens while it is drawn.
 */
export function writeResult(folder: string, result: Result): void {
  const path = join(folder, 'result.json');
  const half = `${path}.${process.pid}.tmp`;
  try {
    synced(half, 'w', (fd) => writeSync(fd, `${JSON.stringify(result, null, 2)}\n`));
    renameSync(half, path);
    synced(folder, 'r', () => {});
  } catch (cause) {
    throw new EnvironmentError(`${path} cannot be written: ${(cause as Error).message}`, {
      cause,
      hint: `The history is there: make room, then \`npx labrys check ${folder}\`.`,
    });
  }
}

function synced(path: string, flags: string, act: (fd: number) => void): void {
  const fd = openSync(path, flags);
  try {
    act(fd);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

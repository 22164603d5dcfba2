import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../record/result.ts';

/**
 * Writes `result.json` so that whoever looks sees the old one or the whole new one, also after a power failure: a
 * verdict, once said, is not lost to whatever happens while it is drawn.
 */
export async function writeResult(folder: string, result: Result): Promise<void> {
  const path = join(folder, 'result.json');
  const half = `${path}.${process.pid}.tmp`;
  await using file = await open(half, 'w');
  await file.writeFile(`${JSON.stringify(result, null, 2)}\n`);
  await file.sync();
  await rename(half, path);
  await using directory = await open(folder, 'r');
  await directory.sync();
}

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { page } from './page.ts';
import { readRun } from './run-files.ts';

/**
 * Draws `index.html` of a run from what its folder holds, and says where it is.
 *
 * It reads the verdict and never changes it, so drawing may be done again at any time, on any machine. The page is
 * put in place in one step: whoever has it open sees the old one or the new one whole.
 */
export async function renderRun(folder: string): Promise<string> {
  const run = await readRun(folder);
  const path = join(folder, 'index.html');
  await writeFile(`${path}.part`, page(run));
  await rename(`${path}.part`, path);
  return path;
}

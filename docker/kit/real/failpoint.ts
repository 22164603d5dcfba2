import { existsSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where a node on the kit can be made to die, around the one thing that has to outlive it. */
export const FAILPOINTS = {
  'before-append': 'what the node has decided is not in its journal yet',
  'before-sync': 'it is in the journal, and not synced',
  'after-sync': 'it is synced, and nobody has been told',
} as const;

/** The file in a node's folder that names one of them. */
export const HOOK = 'failpoint';

/**
 * Ends this process here, at once and once, if the file says so. The file is looked for at each sync of the journal, which takes a
 * thousandth of the time that the sync does.
 */
export function reach(folder: string, point: keyof typeof FAILPOINTS): void {
  const hook = join(folder, HOOK);
  if (!existsSync(hook) || readFileSync(hook, 'utf8').trim() !== point) return;
  // Its next life goes on from here.
  rmSync(hook);
  writeSync(2, `failpoint ${point}: this process ends here\n`);
  process.kill(process.pid, 'SIGKILL');
  // The first process of a container is spared by signals from inside it.
  process.exit(137);
}

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Time } from '../time.ts';

/** One line of `run.log`: what the harness did, for whoever wants to know why a run went as it went. */
export type Log = (line: Readonly<Record<string, unknown>>) => void;

/**
 * Appends JSON lines to `run.log`, each with the `time` it was written at, in nanoseconds like the history's.
 * A log that cannot be written is given up in silence: the history says so already, and says it better.
 */
export function openRunLog(folder: string, time: Time): Disposable & { readonly log: Log } {
  let fd: number | undefined = openSync(join(folder, 'run.log'), 'a');
  return {
    log: (line) => {
      if (fd === undefined) return;
      try {
        writeSync(fd, `${JSON.stringify({ time: time.now(), ...line })}\n`);
      } catch {
        closeSync(fd);
        fd = undefined;
      }
    },
    [Symbol.dispose]: () => {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

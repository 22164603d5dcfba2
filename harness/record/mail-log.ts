import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { MailEvent } from '../system.ts';

/** What a node said, when it was asked, that it had sent and been sent. Times are nanoseconds. */
export interface MailRound {
  readonly node: string;
  /** When it was asked and when the answer was there, since the run began. */
  readonly asked: number;
  readonly answered: number;
  /** What it answered by its own clock. */
  readonly at: number;
  /** What would have to be added to that clock if it were this machine's own. */
  readonly shared: number;
  readonly events: readonly MailEvent[];
}

export interface MailLog extends Disposable {
  write(round: MailRound): void;
}

/** What is kept of a run, from its beginning: more would be more than a picture can show. */
const MOST = 1_000_000;

/**
 * Appends to `mail.jsonl`, a line each time that a node is asked. Whoever reads it puts together what was sent and what
 * arrived. A file that cannot be written is given up in silence: the history says so already.
 */
export function openMailLog(folder: string): MailLog {
  let fd: number | undefined;
  let left = MOST;
  const close = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
    left = 0;
  };
  return {
    write: (round) => {
      if (round.events.length === 0 || left <= 0) return;
      left -= round.events.length;
      try {
        fd ??= openSync(join(folder, 'mail.jsonl'), 'a');
        writeSync(fd, `${JSON.stringify(round)}\n`);
      } catch {
        close();
      }
    },
    [Symbol.dispose]: close,
  };
}

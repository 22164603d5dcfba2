import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Key, Outcome } from 'knossos-js';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Time } from '../time.ts';
import { endLine, invokeLine, markLine, type MarkExtra } from './lines.ts';

/**
 * Writes down what was asked and what was answered, in the order in which it was told: `history.jsonl`.
 *
 * Every method stamps the event and gives it the next index. None of them waits. Once the history cannot be written any
 * more, each of them throws the reason: a run without a record is worth nothing.
 */
export interface Recorder {
  invoke(process: number, node: string, f: string, key: Key | undefined, value: unknown): number;
  /** `value` is what came back, on `ok` alone; `error` is why it did not, otherwise. */
  end(
    process: number,
    type: Outcome,
    f: string,
    key: Key | undefined,
    value: unknown,
    error?: string,
  ): number;
  /** Something that happened to the run rather than in it. */
  mark(name: string, what: string, extra?: MarkExtra): number;
  /** Writes what is left, and syncs it. May be called twice. */
  close(): void;
}

/** A line waits for the disk at most so long, so that `kill -9` of the harness loses less than 100 ms. */
const flushMs = 50;
/** And no more than this many characters wait. */
const flushLength = 1 << 18;
const syncMs = 1000;

/**
 * Records into `history.jsonl` of a run's folder. `write` survives the death of this process, and a sync about once a
 * second, off the event loop, survives that of the machine.
 */
export function openRecorder(folder: string, time: Time): Recorder {
  const path = join(folder, 'history.jsonl');
  const fd = create(path);
  let waiting = '';
  let failure: EnvironmentError | undefined;
  let flushed = time.now();
  let written = 0;
  let unsynced = false;
  let syncing = false;
  let closed = false;

  const flush = (now: number): void => {
    flushed = now;
    if (waiting === '' || failure) return;
    const bytes = Buffer.from(waiting);
    waiting = '';
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      written += bytes.length;
      unsynced = true;
    } catch (cause) {
      failure = unwritable(path, cause);
      cutAfterLastLine(fd, written, bytes);
    }
  };
  const append = (line: string, now: number): void => {
    waiting += line;
    // Looked at here too: while operations come thick and fast, timers come late.
    if (now - flushed >= flushMs * 1e6 || waiting.length >= flushLength) flush(now);
    if (failure) throw failure;
  };
  const sync = (): void => {
    if (!unsynced || syncing || failure) return;
    unsynced = false;
    syncing = true;
    fsync(fd, (cause) => {
      syncing = false;
      if (cause && !closed) failure ??= unwritable(path, cause);
      if (closed) closeSync(fd);
    });
  };
  // Real timers, whatever the run's own time: what they guard against are real crashes.
  const timers = [setInterval(() => flush(time.now()), flushMs), setInterval(sync, syncMs)];
  for (const timer of timers) timer.unref();

  return {
    ...writer(time, append),
    close: () => {
      if (closed) return;
      closed = true;
      timers.forEach(clearInterval);
      flush(time.now());
      try {
        if (!failure) fsyncSync(fd);
      } catch (cause) {
        failure = unwritable(path, cause);
      }
      if (!syncing) closeSync(fd);
      if (failure) throw failure;
    },
  };
}

/** Records into memory, for the simulation and for tests. */
export function memoryRecorder(time: Time): Recorder & {
  /** The whole of what `history.jsonl` would be. */
  text(): string;
} {
  let text = '';
  return { ...writer(time, (line) => void (text += line)), close: () => {}, text: () => text };
}

/** Numbers the events and stamps them. */
function writer(time: Time, append: (line: string, now: number) => void): Omit<Recorder, 'close'> {
  let next = 0;
  return {
    invoke: (process, node, f, key, value) => {
      const now = time.now();
      append(invokeLine(next, now, process, node, f, key, value), now);
      return next++;
    },
    end: (process, type, f, key, value, error) => {
      const now = time.now();
      append(endLine(next, now, process, type, f, key, value, error), now);
      return next++;
    },
    mark: (name, what, extra) => {
      const now = time.now();
      append(markLine(next, now, name, what, extra), now);
      return next++;
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new UsageError(`${path} exists already, and a history is never written over`, { cause });
    throw unwritable(path, cause);
  }
}

/** A write that failed half way leaves half a line; what is before it is still a history. */
function cutAfterLastLine(fd: number, written: number, bytes: Buffer): void {
  try {
    const arrived = fstatSync(fd).size - written;
    ftruncateSync(fd, written + bytes.subarray(0, Math.max(0, arrived)).lastIndexOf('\n') + 1);
  } catch {
    // Readers skip a torn last line anyway.
  }
}

function unwritable(path: string, cause: unknown): EnvironmentError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' ? 'the disk is full' : message;
  return new EnvironmentError(`${path} cannot be written: ${why}`, {
    cause,
    hint: 'What was recorded before is whole and can be judged: `labrys check` on its folder. Make room, or choose another disk with --results.',
  });
}

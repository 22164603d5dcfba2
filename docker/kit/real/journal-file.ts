import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Backing } from '../journal.ts';
import { reach } from './failpoint.ts';

/** A journal shorter than this is never worth rewriting. */
const REWRITE_BYTES = 4 << 20;

/**
 * A journal as one file of lines, `crc32 record`. What is not synced stays in this process's memory, so that `kill -9`
 * loses it, as a power failure would: otherwise the kernel's page cache would save it, and hide every missing sync. A
 * torn end is cut off at the next start. When the file has doubled since it was last rewritten, it is rewritten as one
 * record of everything, so that it stays in proportion to what it holds.
 */
export async function openJournalFile(
  folder: string,
  rewriteBytes = REWRITE_BYTES,
): Promise<Backing & AsyncDisposable> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'journal');
  const fresh = join(folder, 'journal.new');
  rmSync(fresh, { force: true });
  let file = await open(path, 'a+');
  const { records, bytes } = readGood(readFileSync(path));
  await file.truncate(bytes);
  await file.sync();
  await syncFolder(folder);

  let size = bytes;
  let sizeWhenRewritten = 0;
  let buffer: string[] = [];
  let turning: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const flush = async (whole: () => string): Promise<void> => {
    next = undefined;
    const batch = buffer.join('');
    buffer = [];
    if (size + batch.length > Math.max(rewriteBytes, 2 * sizeWhenRewritten)) {
      const everything = lineOf(whole());
      file = await replace(file, fresh, path, everything);
      await syncFolder(folder);
      size = sizeWhenRewritten = Buffer.byteLength(everything);
    } else {
      reach(folder, 'before-append');
      await file.appendFile(batch);
      reach(folder, 'before-sync');
      await file.datasync();
      reach(folder, 'after-sync');
      size += Buffer.byteLength(batch);
    }
  };
  return {
    records,
    write: (record) => void buffer.push(lineOf(record)),
    // Everyone who asks while the disk turns shares its next turn; when there is nothing to write, its last.
    sync: (whole) => (buffer.length === 0 ? turning : (next ??= turning = turning.then(() => flush(whole)))),
    [Symbol.asyncDispose]: async () => {
      await turning;
      await file.close();
    },
  };
}

/** The whole lines whose sum is right, up to the first that is not, and how many bytes they take. */
export function readGood(content: Buffer): { readonly records: string[]; readonly bytes: number } {
  const records: string[] = [];
  let bytes = 0;
  for (;;) {
    const end = content.indexOf(0x0a, bytes);
    if (end < 0) break;
    const line = content.toString('utf8', bytes, end);
    const record = line.slice(9);
    if (line.slice(0, 9) !== `${sumOf(record)} `) break;
    records.push(record);
    bytes = end + 1;
  }
  return { records, bytes };
}

export const lineOf = (record: string): string => `${sumOf(record)} ${record}\n`;
const sumOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** Beside, synced, then renamed over: whenever the power fails, one of the two is there and whole. */
async function replace(old: FileHandle, fresh: string, path: string, content: string): Promise<FileHandle> {
  const file = await open(fresh, 'a+');
  await file.appendFile(content);
  await file.datasync();
  await rename(fresh, path);
  await old.close();
  return file;
}

/** A new name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readColumns, readJsonl, writeColumns, type ColumnsSource, type ReadHistory } from 'knossos-js';

/**
 * Columns are kept of so many operations or more. A thread that begins reads 20,000 in 56 ms from JSONL and in 4 ms from
 * columns, a million in 670 ms and in 95 ms, the hash included; to keep them costs 4 ms and 40 ms, once.
 */
const LEAST = 20_000;
/** And of so many at most: to keep them takes memory, and a larger history may need all that its judges may take. */
const MOST = 2_000_000;
/** A history is hashed by so much at a time, so that it need not be held. */
const PIECE = 2 ** 20;

/**
 * Reads the history of a run: `history.jsonl`, or what an earlier reader kept of it in `history.columns`, if that was
 * made from these very bytes. A run that never began to ask has no history, which is one of nothing.
 *
 * One reader of a run keeps the columns, the others only look for them. They are never needed: whatever is wrong with
 * them, or with writing them, costs time and nothing else.
 */
export function readHistory(
  folder: string,
  { keep, least = LEAST }: { readonly keep: boolean; readonly least?: number },
): ReadHistory {
  const path = join(folder, 'history.jsonl');
  const kept = keptColumns(folder, path);
  if (kept) return kept;
  const bytes = contents(path);
  const read = readJsonl(bytes, path);
  const { length } = read.history;
  if (keep && length >= least && length <= MOST)
    keepColumns(folder, read, { bytes: bytes.length, hash: named(crc32(bytes)) });
  return read;
}

function keptColumns(folder: string, path: string): ReadHistory | undefined {
  try {
    const read = readColumns(readFileSync(join(folder, 'history.columns')));
    if (!read) return undefined;
    const { source, ...kept } = read;
    const { bytes, hash } = sourceOf(path);
    return source.bytes === bytes && source.hash === hash ? kept : undefined;
  } catch {
    // Mostly because there are none.
    return undefined;
  }
}

function keepColumns(folder: string, read: ReadHistory, source: ColumnsSource): void {
  const path = join(folder, 'history.columns');
  const half = `${path}.${process.pid}.tmp`;
  try {
    const bytes = writeColumns(read, source);
    if (!bytes) return;
    writeFileSync(half, bytes);
    renameSync(half, path);
  } catch {
    // A folder that is read-only, or a full disk: the next reader parses again.
    rmSync(half, { force: true });
  }
}

/** The length and the hash of a file. The hash has to tell files apart that were changed, not ones made to deceive. */
function sourceOf(path: string): ColumnsSource {
  const piece = new Uint8Array(PIECE);
  const fd = openSync(path, 'r');
  try {
    let bytes = 0;
    let hash = 0;
    for (let more = readSync(fd, piece); more > 0; more = readSync(fd, piece)) {
      bytes += more;
      hash = crc32(piece.subarray(0, more), hash);
    }
    return { bytes, hash: named(hash) };
  } finally {
    closeSync(fd);
  }
}

const named = (hash: number): string => `crc32 ${hash.toString(16)}`;

function contents(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

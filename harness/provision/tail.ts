import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** As much of a file's end as is read to find its last lines. */
const windowBytes = 64 * 1024;

/** The last lines of some log files, those of the file written last at the end. A file that is not there has none. */
export function lastLinesOf(files: readonly string[], count: number): readonly string[] {
  const tails = files.map(tailOf).toSorted((a, b) => a.writtenMs - b.writtenMs);
  return tails.flatMap((tail) => tail.lines).slice(-count);
}

function tailOf(path: string): { readonly writtenMs: number; readonly lines: readonly string[] } {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return { writtenMs: 0, lines: [] };
  }
  try {
    const { size, mtimeMs } = fstatSync(file);
    const from = Math.max(0, size - windowBytes);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(file, bytes, 0, bytes.length, from);
    const lines = bytes.toString('utf8', 0, read).split('\n');
    // The first may be the end of a longer one; after the last line break there is nothing.
    return { writtenMs: mtimeMs, lines: (from > 0 ? lines.slice(1) : lines).filter((line) => line !== '') };
  } finally {
    closeSync(file);
  }
}

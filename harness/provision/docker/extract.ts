import { constants, copyFile, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LeftOut } from '../left-out.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

/** What is taken out of an archive at most. */
export interface Limits {
  readonly bytes: number;
  readonly files: number;
}

/** An archive held more than its limits; what was taken until then is there. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/**
 * Write what is in an archive into a folder, which may hold something already; nothing there is replaced.
 *
 * Whoever filled the archive is a system under test, and may have written anything. So nothing is ever written outside
 * of the folder: only regular files and folders are made, never a link, so that no name can lead out of it, and names
 * that would are left out. So are devices and pipes, owners, times, and all rights but that to execute.
 *
 * @param strip how many folders of each name are dropped: archives of one folder begin with its own name.
 */
export async function extract(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  { limits, strip = 0 }: { readonly limits: Limits; readonly strip?: number },
): Promise<LeftOut> {
  const leftOut = new LeftOut();
  let [files, bytes] = [0, 0];
  const take = (more: number): void => {
    bytes += more;
    if (bytes > limits.bytes) throw new TooMuch(`it holds more than ${limits.bytes / 2 ** 20} MiB`);
  };
  for await (const entry of readTar(archive)) {
    const parts = partsOf(entry.path)?.slice(strip);
    if (parts === undefined) {
      leftOut.add('names that lead elsewhere', entry.path);
      continue;
    }
    if (parts.length === 0) continue;
    if (++files > limits.files) throw new TooMuch(`it holds more than ${limits.files} files`);
    const to = join(folder, ...parts);
    try {
      await mkdir(entry.kind === 'folder' ? to : dirname(to), { recursive: true });
      if (entry.kind === 'file') await write(entry, to, take);
      else if (entry.kind === 'link') {
        const from = partsOf(entry.target)?.slice(strip) ?? [];
        take(await copied(join(folder, ...from), to));
      } else if (entry.kind === 'other') leftOut.add('links, devices and pipes', parts.join('/'));
    } catch (cause) {
      if (!(refusals as readonly unknown[]).includes((cause as NodeJS.ErrnoException).code)) throw cause;
      leftOut.add('files that could not be written', parts.join('/'));
    }
  }
  return leftOut;
}

/** What a name alone can be the reason for: it is taken, is too long, or has a file for a folder. Anything else is ours. */
const refusals = ['EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ENOTDIR', 'EINVAL', 'ENOENT'] as const;

async function write({ mode, content }: TarEntry, to: string, take: (more: number) => void): Promise<void> {
  const file = await open(to, 'wx', (mode & 0o111) === 0 ? 0o644 : 0o755);
  try {
    for await (const piece of content()) {
      take(piece.length);
      await file.write(piece);
    }
  } finally {
    await file.close();
  }
}

/** A second name of a file becomes a file of its own. */
async function copied(from: string, to: string): Promise<number> {
  await copyFile(from, to, constants.COPYFILE_EXCL);
  const file = await open(to, 'r');
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** The folders and the name in a path; nothing where it leads anywhere but down. */
function partsOf(path: string): readonly string[] | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return path.startsWith('/') || parts.includes('..') || path.includes('\0') ? undefined : parts;
}

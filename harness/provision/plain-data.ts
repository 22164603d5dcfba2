import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LeftOut } from './left-out.ts';

/**
 * Leave nothing in a node's data folder but regular files and folders, which their owner can read. A link in it could lead
 * anywhere, and a pipe would keep whoever opens it waiting for ever. Answers what it removed.
 */
export async function plainData(node: string, data: string): Promise<readonly string[]> {
  const leftOut = new LeftOut();
  await plain(data, (path) => leftOut.add('links, devices and pipes', relative(data, path)));
  return leftOut.lines.map((line) => `${node}: ${line}`);
}

async function plain(path: string, removed: (path: string) => void): Promise<void> {
  const about = await lstat(path).catch(() => undefined);
  if (about === undefined) return;
  if (about.isDirectory()) {
    await chmod(path, 0o755);
    for (const name of (await readdir(path)).toSorted()) await plain(join(path, name), removed);
  } else if (about.isFile()) {
    await chmod(path, (about.mode & 0o111) === 0 ? 0o644 : 0o755);
  } else {
    await rm(path);
    removed(path);
  }
}

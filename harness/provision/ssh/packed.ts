import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { packTar, type TarFile } from '../docker/tar.ts';

/** An archive to be sent: small rather than smallest, for a program of 100 MB is to be there in seconds. */
export async function packed(files: readonly TarFile[]): Promise<Buffer> {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at + 1));
  const made = [...folders]
    .toSorted()
    .map((path): TarFile => ({ path, content: Buffer.alloc(0), mode: 0o755 }));
  return await promisify(gzip)(packTar([...made, ...files]), { level: constants.Z_BEST_SPEED });
}

/** A file of ours, by where it is to lie. */
export function fileAt(path: string, from: string): TarFile {
  return { path, content: readFileSync(from), mode: (statSync(from).mode & 0o111) === 0 ? 0o644 : 0o755 };
}

/** Files of a recipe, by where they lie in the node's data folder. */
export const dataFiles = (files: Readonly<Record<string, string>>): readonly TarFile[] =>
  Object.entries(files).map(([path, text]) => ({
    path: `data/${path}`,
    content: Buffer.from(text),
    mode: 0o644,
  }));

/** What an agent needs beside its own scripts, where it is at one end of links alone. */
export const acrossScript: Readonly<Record<string, string>> = {
  'across/across.pl': fileURLToPath(new URL('../across/across.pl', import.meta.url)),
};

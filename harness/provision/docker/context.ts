import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { ImageBuild } from '../../runtime.ts';
import { packTar, type TarFile } from './tar.ts';

/** Everything that an image is built from, read once, and a hash of it that says when to build again. */
export interface BuildContext {
  /** Packed when asked for: most often the hash is enough, and contexts may hold large files. */
  archive(): Buffer;
  readonly hash: string;
  readonly dockerfile: string;
}

/** @param bases the ids of the images that it starts from: a newer base is a reason to build again. */
export function readContext(build: ImageBuild, bases: readonly string[]): BuildContext {
  const dockerfile = build.dockerfile ?? 'Dockerfile';
  const files = [...filesIn(build.context), ...extraFiles(build)].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  if (!files.some((file) => file.path === dockerfile))
    throw new EnvironmentError(`there is no ${join(build.context, dockerfile)} to build an image from`);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([dockerfile, Object.entries(build.args ?? {}).toSorted(), bases]));
  for (const { path, mode, content } of files)
    hash.update(JSON.stringify([path, mode, content.length])).update(content);
  return { archive: () => packTar(files), hash: hash.digest('hex').slice(0, 32), dockerfile };
}

function filesIn(context: string): TarFile[] {
  const entries = readdirSync(context, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(context, '/').length));
  const rules = paths.includes('.dockerignore') ? readFileSync(join(context, '.dockerignore'), 'utf8') : '';
  return keep(paths, rules).map((path) => fileAt(path, join(context, path)));
}

/** `.dockerignore`: the last rule that matches a file, or a folder above it, decides; `!` keeps. */
export function keep(paths: readonly string[], dockerignore: string): string[] {
  const rules = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ kept: line.startsWith('!'), glob: line.replace(/^!?\/?/, '').replace(/\/$/, '') }));
  return paths.filter(
    (path) => path === '.dockerignore' || (rules.findLast(({ glob }) => matches(path, glob))?.kept ?? true),
  );
}

function matches(path: string, glob: string): boolean {
  return matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`);
}

function extraFiles(build: ImageBuild): TarFile[] {
  return Object.entries(build.extra ?? {}).map(([path, from]) => fileAt(path, from));
}

function fileAt(path: string, from: string): TarFile {
  return { path, content: readFileSync(from), mode: statSync(from).mode & 0o111 ? 0o755 : 0o644 };
}

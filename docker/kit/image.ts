import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageBuild } from '../../harness/runtime.ts';

const KIT = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const ROOT = dirname(dirname(KIT));

export interface KitImage {
  readonly image: string;
  readonly build: ImageBuild;
  /** The command's first words inside the image: the Node binary, the kit's entry and the protocol's file. */
  readonly command: readonly string[];
}

/** What a node of a protocol is made of, wherever it runs. */
export interface KitBundle {
  /** By where each lies beneath the bundle's folder: its path on this machine. */
  readonly files: Readonly<Record<string, string>>;
  /** The command's first words: the Node binary, the kit's entry and the protocol's file, beneath that folder too. */
  readonly command: readonly string[];
}

/**
 * The kit, the protocol's folder, what it imports from folders beside it, and the Node binary that runs now. There, all lie as
 * they do here, so that `../kit/kit.ts` and `labrys/kit` mean the same as here.
 */
export function bundleFor(module: string): KitBundle {
  const folder = dirname(module);
  const inside = `docker/${basename(folder) || 'protocol'}`;
  return {
    files: {
      'package.json': join(ROOT, 'package.json'),
      ...filesOf(folder, inside),
      ...filesOf(KIT, 'docker/kit'),
      ...importsOf(module, `${inside}/${relative(folder, module)}`),
      node: realpathSync(process.execPath),
    },
    command: ['node', 'docker/kit/main.ts', `${inside}/${relative(folder, module)}`],
  };
}

/** The image of a protocol on the kit, on a plain Debian. Its name ends with a sum of what is in it: after an edit it is another image. */
export function imageFor(name: string, module: string): KitImage {
  const { files, command } = bundleFor(module);
  const sum = createHash('sha256').update(process.version);
  // The version says which Node it is, and better than 100 MB would.
  for (const [path, source] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (path !== 'node') sum.update(path).update(readFileSync(source));
  return {
    image: `labrys/kit-${name.toLowerCase().replace(/[^a-z0-9._-]/g, '-')}:${sum.digest('hex').slice(0, 12)}`,
    build: { context: join(KIT, 'image'), bases: ['debian:bookworm-slim'], extra: files },
    command: command.map((word) => `/labrys/${word}`),
  };
}

/** A folder's sources, and those of its subfolders, without tests, documents or what was installed. */
function filesOf(folder: string, inside: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !SKIPPED.has(entry.name))
        Object.assign(files, filesOf(path, `${inside}/${entry.name}`));
    } else if (/\.(ts|mts|js|mjs|json)$/.test(entry.name) && !/\.test\.\w+$/.test(entry.name))
      files[`${inside}/${entry.name}`] = path;
  }
  return files;
}

/** The files that a file imports by relative paths, and those that they import, by where they lie inside the image. */
function importsOf(file: string, inside: string, seen: Record<string, string> = {}): Record<string, string> {
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/\bfrom\s+['"](\.[^'"]+)['"]/g)) {
    const [path, source] = [
      posix.join(posix.dirname(inside), specifier as string),
      join(dirname(file), specifier as string),
    ];
    if (seen[path] !== undefined || !existsSync(source)) continue;
    if (path.startsWith('..'))
      throw new Error(`${file} imports ${specifier}, which has no place in its image: it lies too far out`);
    seen[path] = source;
    importsOf(source, path, seen);
  }
  return seen;
}

const SKIPPED = new Set(['node_modules', 'results', 'sim', 'image', 'fixtures', 'testing']);

import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Museum } from '../../docker/kit/museum.ts';
import type { System } from '../../harness/system.ts';

export const root = join(import.meta.dirname, '../..');

/** A protocol's museum, with what its system says of each bug. */
export interface Found {
  readonly protocol: string;
  readonly museum: Museum;
  readonly mistakes: Readonly<Record<string, string>>;
}

/** Every protocol that has a museum, by listing folders. */
export async function museums(): Promise<readonly Found[]> {
  const files = globSync('docker/*/museum.ts', { cwd: root })
    .filter((file) => dirname(file) !== 'docker/kit')
    .toSorted();
  return Promise.all(
    files.map(async (file) => {
      const folder = join(root, dirname(file));
      const [{ default: museum }, { default: system }] = (await Promise.all(
        ['museum.ts', 'system.ts'].map((name) => import(pathToFileURL(join(folder, name)).href)),
      )) as [{ default: Museum }, { default: System }];
      return { protocol: basename(folder), museum, mistakes: system.bugs ?? {} };
    }),
  );
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './plugins.ts';

export const versionOf = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

/** The commit that runs, marked where files were changed since. Absent outside a checkout. */
export function commitOf(): string | undefined {
  const { status, stdout } = spawnSync(
    'git',
    ['-C', root, 'describe', '--always', '--dirty', '--exclude=*'],
    { encoding: 'utf8' },
  );
  return status === 0 ? stdout.trim() : undefined;
}

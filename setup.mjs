/**
 * Installs the dependencies where they are missing or older than the lockfile. `npm run demo` and `npm test` begin with
 * it, so that a fresh clone needs no other command. Plain JavaScript, for it runs on whatever Node a machine has.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const changed = (file) => (existsSync(join(root, file)) ? statSync(join(root, file)).mtimeMs : 0);
const pinned = join(root, 'node_modules', '.bin', 'node');

if (!existsSync(pinned) || changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  console.error('Installing dependencies (npm ci) …');
  const ci = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', ci, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(
      `The dependencies could not be installed: ${error ? `npm could not be started (${error.code})` : 'npm says why above'}. ` +
        'Once that is put right, run the same command again.',
    );
    process.exit(3);
  }
  if (!existsSync(pinned)) {
    console.error(
      'npm installed everything but the pinned Node: the install script of the package `node` did not run. ' +
        'Allow it (npm config set ignore-scripts false) and run `npm ci` again.',
    );
    process.exit(3);
  }
}

/** `npm run bench [-- name]`: every benchmark in turn, each a program that fails when its answer is wrong. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Not programs of their own. */
const modules = new Set(['run.ts', 'measure.ts', 'random.ts']);
const [wanted = ''] = process.argv.slice(2);
const programs = globSync('*.ts', { cwd: import.meta.dirname })
  .filter((file) => !modules.has(file) && file.includes(wanted))
  .toSorted();
let failed = programs.length === 0;
for (const program of programs) {
  console.log(`\n── ${basename(program, '.ts')} ──`);
  const { status } = spawnSync(process.execPath, [...process.execArgv, join(import.meta.dirname, program)], {
    stdio: 'inherit',
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;

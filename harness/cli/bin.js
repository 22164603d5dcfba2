#!/usr/bin/env node
/**
 * Starts the command line on the Node that the project pins, whatever Node was typed. Plain JavaScript, so that an old
 * Node can still say what is missing.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const pinned = `${root}node_modules/node/bin/node`;
const condition = '--conditions=@labrys/source';
const ready =
  Number(process.versions.node.split('.')[0]) >= 24 &&
  [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(condition));

if (ready) {
  await import(main);
} else if (!existsSync(pinned)) {
  console.error(`labrys: its dependencies are not installed.\n  Run: npm ci --prefix '${root}'`);
  process.exit(3);
} else if (process.execve) {
  process.execve(pinned, [pinned, condition, main, ...process.argv.slice(2)], process.env);
} else {
  // This Node cannot become another. Whoever ends this process means the one that it started.
  const env = { ...process.env, LABRYS_DIES_WITH: String(process.pid) };
  const child = spawn(pinned, [condition, main, ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 70)));
}

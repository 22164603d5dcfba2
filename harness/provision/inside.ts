/**
 * Runs a command where the local runtime can make its networks: `node inside.ts -- vitest run`. For tests, which do
 * not start through the command line that would do this by itself.
 */
import { LabrysError } from '../errors.ts';
import { commandPath } from './command-path.ts';
import { enterNamespace, insideNamespace } from './namespace.ts';

const command = process.argv.slice(process.argv.indexOf('--') + 1);
try {
  const [name = 'sh', ...rest] = command;
  const argv = [commandPath(name) ?? name, ...rest];
  // Already inside, there is nothing to enter: become the command, as entering would.
  if (insideNamespace()) process.execve?.(argv[0] as string, argv, process.env);
  else enterNamespace(argv);
} catch (error) {
  if (!(error instanceof LabrysError)) throw error;
  console.error(`${error.message}\n  ${error.hint ?? ''}`);
  process.exitCode = error.exitCode;
}

import { EnvironmentError } from '../errors.ts';

/** Debian packages of the programs that are asked for most, where their names differ. */
const packages: Readonly<Record<string, string>> = {
  etcd: 'etcd-server',
  'redis-server': 'redis-server',
  postgres: 'postgresql',
};

export function missingCommand(name: string): EnvironmentError {
  if (name === '')
    return new EnvironmentError('the recipe has an empty command', { hint: 'Give it a program to run.' });
  if (name.includes('/')) {
    return new EnvironmentError(`${name}: no such program, or not executable`, {
      hint: 'Check the path in the recipe.',
    });
  }
  const known = packages[name];
  const install = known === undefined ? 'Install it' : `Install it (apt-get install ${known})`;
  return new EnvironmentError(`${name}: not on PATH`, { hint: `${install}, or use --runtime docker.` });
}

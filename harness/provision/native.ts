import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EnvironmentError } from '../errors.ts';
import { commandPath } from './command-path.ts';

/** Where the sources of the small C programs are, a folder each. */
const sources = fileURLToPath(new URL('../../nemesis/native', import.meta.url));

/** Of every build, here and in images. */
const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra'];

/**
 * Compiles one of our C programs, and answers where it is. Once for each version of its source: what was compiled is kept in
 * the user's cache. Throws an {@link EnvironmentError} that says why there is none: no compiler, no headers.
 *
 * @param more flags: `-static`, for a program that is to run elsewhere.
 * @param libraries `-lfuse3`: what it needs beside libc.
 */
export async function nativeProgram(
  name: string,
  more: readonly string[] = [],
  libraries: readonly string[] = [],
): Promise<string> {
  const folder = join(sources, name);
  const files = globSync('*.[ch]', { cwd: folder })
    .filter((file) => file !== 'fuzz.c')
    .toSorted();
  const hash = createHash('sha256').update(`${process.arch} ${[...flags, ...more].join(' ')}`);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  const kept = join(cache(), `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  await compile(
    files.filter((file) => file.endsWith('.c')).map((file) => join(folder, file)),
    kept,
    more,
    libraries,
  );
  return kept;
}

/** Compiles C sources into one program. More flags may follow. */
export async function compile(
  units: readonly string[],
  program: string,
  more: readonly string[] = [],
  libraries: readonly string[] = [],
): Promise<void> {
  const compiler = commandPath(process.env['CC'] ?? 'cc');
  if (compiler === undefined)
    throw new EnvironmentError('there is no C compiler (cc) on the PATH', {
      hint: 'Install one: apt-get install gcc libc6-dev',
    });
  // Under a name of its own first: others may be compiling the same.
  const draft = `${program}.${process.pid}`;
  try {
    await promisify(execFile)(compiler, [...flags, ...more, '-o', draft, ...units, ...libraries]);
    renameSync(draft, program);
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    const [why = message] = stderr.split('\n').filter((line) => /error/.test(line));
    throw new EnvironmentError(`${compiler} cannot compile ${units[0]}: ${why}`, {
      hint: 'Are its headers there? apt-get install gcc libc6-dev linux-libc-dev',
      cause,
    });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The user's own: what lies there is run, and nobody else may have put it there. */
function cache(): string {
  const user = process.getuid?.() ?? 0;
  const places = [
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'labrys'),
    join(tmpdir(), `labrys-${user}`),
  ];
  for (const place of places) {
    const folder = join(place, 'native');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.W_OK);
      if ([place, folder].every((each) => statSync(each).uid === user)) return folder;
    } catch {
      // A home that cannot be written to, as many a service has; the next will do.
    }
  }
  throw new EnvironmentError(`neither ${places.join(' nor ')} can be written to by us alone`);
}

import type Docker from 'dockerode';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../errors.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { follow, type Log } from './progress.ts';

const ROOTFS = fileURLToPath(new URL('../../../docker/base/rootfs.sh', import.meta.url));
const SILENCE_MS = 20_000;
/** A base image is made without a word, from packages that may have to come a long way. */
const MAKING_MS = 15 * 60_000;

/**
 * Make an image exist that somebody else publishes, and return its id: the engine's own, else the registry's. Debian's
 * base images are, where no registry answers, made here from Debian's packages under the same name, so that one
 * Dockerfile serves machines with a registry and without.
 */
export async function obtainImage(
  docker: Docker,
  image: string,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const present = await idOf(docker, image);
  if (present !== undefined) return present;
  const refusals: string[] = [];
  for (const make of [pull, bootstrap]) {
    try {
      await make(docker, image, log, signal);
      const id = await idOf(docker, image);
      if (id !== undefined) return id;
    } catch (cause) {
      signal.throwIfAborted();
      refusals.push(reasonOf(cause));
    }
  }
  throw new EnvironmentError(`there is no image ${image} here; ${refusals.join('; ')}`, {
    hint: hintFor(image),
  });
}

function hintFor(image: string): string {
  const elsewhere = `bring it from another machine (\`docker save ${image}\` there, \`docker load\` here)`;
  return suiteOf(image) === undefined
    ? `check its name, or ${elsewhere}`
    : `install mmdebstrap, from which it is made (DEBIAN_MIRROR names a mirror), or ${elsewhere}`;
}

/** `bookworm`, of `debian:bookworm-slim`. */
function suiteOf(image: string): string | undefined {
  return /^debian:([a-z]+)(-slim)?$/.exec(image)?.[1];
}

export async function idOf(docker: Docker, image: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(image).inspect()).Id;
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) return undefined;
    throw dockerFailed(`cannot look for image ${image}`, cause);
  }
}

/** Ask the registry, for as long as it keeps talking. */
async function pull(docker: Docker, image: string, log: Log, signal: AbortSignal): Promise<void> {
  log({ message: 'pulling image', image });
  try {
    await follow(docker, (abortSignal) => docker.pull(image, { abortSignal }), signal, SILENCE_MS);
  } catch (cause) {
    throw new EnvironmentError(`it cannot be pulled (${reasonOf(cause)})`, { cause });
  }
}

async function bootstrap(docker: Docker, image: string, log: Log, signal: AbortSignal): Promise<void> {
  const suite = suiteOf(image);
  if (suite === undefined) throw new EnvironmentError('it is none of Debian’s, and cannot be made here');
  log({
    message: 'making base image from Debian’s packages',
    image,
    command: `docker/base/rootfs.sh ${suite}`,
  });
  // A group of its own, so that an interrupted one ends with all that it has started.
  const child = spawn(ROOTFS, [suite], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints.push(line);
    log({ message: 'base image', image, line });
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => {}); // Awaited below; an import that fails first must not leave it unhandled.
  let id = '';
  try {
    await follow(
      docker,
      (abortSignal) => docker.importImage(child.stdout, { changes: ['CMD ["bash"]'], abortSignal }),
      signal,
      MAKING_MS,
      (line) => {
        if (/^sha256:[0-9a-f]{64}$/.test(line)) id = line;
      },
    );
    const [code] = await ended;
    if (code !== 0) throw new EnvironmentError(`docker/base/rootfs.sh exited with ${code}`);
    const [repo = image, tag = 'latest'] = image.split(':');
    await docker.getImage(id).tag({ repo, tag });
  } catch (cause) {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    // What came of half a root file system must not be mistaken for a whole one.
    if (id !== '')
      await docker
        .getImage(id)
        .remove()
        .catch(() => {});
    const why = complaints.at(-1) ?? reasonOf(cause);
    throw new EnvironmentError(`it cannot be made from Debian’s packages (${why})`, { cause });
  }
}

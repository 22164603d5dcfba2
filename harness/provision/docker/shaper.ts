import type Docker from 'dockerode';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LocalAgent } from '../agent.ts';
import { tryShaper } from '../local-shaper.ts';
import { nativeProgram } from '../native.ts';
import { speakOver, type ContainerAgent } from './agent.ts';
import type { Engine } from './engine.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { ensureImage, type ImageRequest } from './image.ts';
import type { Log } from './progress.ts';
import { removeContainer } from './remove.ts';
import { hasAgent, withAgent } from './scratch.ts';
import { packTar } from './tar.ts';

const BASE = 'debian:bookworm-slim';
/** Long enough for a compiler to be installed in an image. */
const BUILD_MS = 600_000;

/** The program, compiled inside the engine. */
const shaperImage: ImageRequest = {
  image: 'labrys-shaper',
  build: {
    context: fileURLToPath(new URL('../../../nemesis/native/shaper', import.meta.url)),
    args: { BASE },
    bases: [BASE],
  },
};

/**
 * A shaper beside a run's agent, on the engine's machine. It is brought there when something is first shaped, so that whoever
 * shapes nothing needs no compiler and waits for none.
 */
export async function startShaper(
  { docker }: Engine,
  { container }: Pick<ContainerAgent, 'container'>,
  log: Log,
  obtain: (docker: Docker, log: Log) => Promise<Buffer> = obtainShaper,
): Promise<Pick<LocalAgent, 'agent'> & AsyncDisposable> {
  const archive = await obtain(docker, log);
  try {
    await container.putArchive(archive, { path: '/' });
    const run = await container.exec({
      Cmd: ['/shaper'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await run.start({ hijack: true, stdin: true });
    const agent = speakOver(docker, stream, 'the shaper', log);
    // It ends with its stdin, and all that it did with it.
    return { agent, [Symbol.asyncDispose]: async () => void stream.end() };
  } catch (cause) {
    throw dockerFailed('cannot start the shaper', cause);
  }
}

/**
 * Why links of the engine's containers cannot be shaped; tried out in a scratch namespace. Before the first run there is no
 * agent to try it with, and whoever wants to know waits for that run.
 */
export async function whyNoShaper(engine: Engine): Promise<string | undefined> {
  if (!(await hasAgent(engine))) return undefined;
  try {
    await withAgent(engine, async (held) => {
      const [door = ''] = await held.agent.ask('hold', 'scratch');
      await using shaper = await startShaper(engine, held, () => {});
      await tryShaper(shaper, door);
    });
    return undefined;
  } catch (cause) {
    return reasonOf(cause);
  }
}

/** The program in an archive, compiled here where that makes one for the engine's machine, which takes a second; or there. */
async function obtainShaper(docker: Docker, log: Log): Promise<Buffer> {
  const { Arch: theirs } = await docker.version();
  const ours = process.platform === 'linux' ? { x64: 'amd64', arm64: 'arm64' }[process.arch as string] : '';
  if (theirs === ours) {
    try {
      const content = readFileSync(await nativeProgram('shaper', ['-static']));
      return packTar([{ path: 'shaper', content, mode: 0o755 }]);
    } catch (cause) {
      log({ message: 'no shaper from the compiler here', reason: reasonOf(cause) });
    }
  }
  return await buildShaper(docker, log);
}

/** Compiled in an image, and taken out of it. */
export async function buildShaper(docker: Docker, log: Log): Promise<Buffer> {
  await ensureImage(docker, shaperImage, log, AbortSignal.timeout(BUILD_MS));
  const holder = await docker.createContainer({ Image: shaperImage.image, Cmd: ['/shaper'] });
  try {
    return await buffer(await holder.getArchive({ path: '/shaper' }));
  } finally {
    await removeContainer(docker, holder.id);
  }
}

import type Docker from 'dockerode';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LocalAgent } from '../agent.ts';
import { nativeProgram } from '../native.ts';
import { speakOver, type ContainerAgent } from './agent.ts';
import type { Engine } from './engine.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { ensureImage } from './image.ts';
import type { Log } from './progress.ts';
import { removeContainer } from './remove.ts';
import { packTar } from './tar.ts';

const BASE = 'debian:bookworm-slim';
/** Long enough for a compiler to be installed in an image. */
const BUILD_MS = 600_000;

/** One of our C programs: its folder in `nemesis/native`, and what its compiler is told beside `-static`. */
export interface NativeProgram {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly libraries?: readonly string[];
}

/** Brings a program beside a run's agent, on the engine's machine: it is then `/name` there. */
export async function bring(
  { docker }: Engine,
  { container }: Pick<ContainerAgent, 'container'>,
  program: NativeProgram,
  log: Log,
  obtain: typeof obtainProgram = obtainProgram,
): Promise<void> {
  const archive = await obtain(docker, program, log);
  try {
    await container.putArchive(archive, { path: '/' });
  } catch (cause) {
    throw dockerFailed(`cannot bring ${program.name} to the engine`, cause);
  }
}

/** Starts what speaks as the agent does beside it. It ends with its stdin, and all that it did with it. */
export async function startBeside(
  { docker }: Engine,
  { container }: Pick<ContainerAgent, 'container'>,
  who: string,
  argv: readonly string[],
  log: Log,
): Promise<Pick<LocalAgent, 'agent'> & AsyncDisposable> {
  try {
    const run = await container.exec({
      Cmd: [...argv],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await run.start({ hijack: true, stdin: true });
    return {
      agent: speakOver(docker, stream, who, log),
      [Symbol.asyncDispose]: async () => void stream.end(),
    };
  } catch (cause) {
    throw dockerFailed(`cannot start ${who}`, cause);
  }
}

/** The program in an archive, compiled here where that makes one for the engine's machine, which takes a second; or there. */
async function obtainProgram(docker: Docker, program: NativeProgram, log: Log): Promise<Buffer> {
  const { name, flags = [], libraries = [] } = program;
  const { Arch: theirs } = await docker.version();
  const ours = process.platform === 'linux' ? { x64: 'amd64', arm64: 'arm64' }[process.arch as string] : '';
  if (theirs === ours) {
    try {
      const content = readFileSync(await nativeProgram(name, [...flags, '-static'], libraries));
      return packTar([{ path: name, content, mode: 0o755 }]);
    } catch (cause) {
      log({ message: `no ${name} from the compiler here`, reason: reasonOf(cause) });
    }
  }
  return await buildProgram(docker, program, log);
}

/** Compiled in an image, and taken out of it. */
export async function buildProgram(docker: Docker, { name }: NativeProgram, log: Log): Promise<Buffer> {
  const image = `labrys-${name}`;
  const build = {
    context: fileURLToPath(new URL(`../../../nemesis/native/${name}`, import.meta.url)),
    args: { BASE },
    bases: [BASE],
  };
  await ensureImage(docker, { image, build }, log, AbortSignal.timeout(BUILD_MS));
  const holder = await docker.createContainer({ Image: image, Cmd: [`/${name}`] });
  try {
    return await buffer(await holder.getArchive({ path: `/${name}` }));
  } finally {
    await removeContainer(docker, holder.id);
  }
}

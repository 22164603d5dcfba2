import type Docker from 'dockerode';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { ImageBuild } from '../../runtime.ts';
import { idOf, obtainImage } from './obtain.ts';
import { readContext } from './context.ts';
import { dockerFailed, reasonOf } from './failure.ts';
import { INPUTS } from './labels.ts';
import { follow, type Log } from './progress.ts';

/** The longest that one step of a build may say nothing: packages may have to come a long way. */
const SILENCE_MS = 15 * 60_000;

/** An image by name, and how to make it where that is known. */
export interface ImageRequest {
  readonly image: string;
  readonly build: ImageBuild | undefined;
}

/** Make an image exist: built when its inputs changed, else the engine's own, else the registry's. */
export async function ensureImage(
  docker: Docker,
  { image, build }: ImageRequest,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (build !== undefined) return await ensureBuilt(docker, image, build, log, signal);
  await obtainImage(docker, image, log, signal);
}

async function ensureBuilt(
  docker: Docker,
  image: string,
  build: ImageBuild,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const bases = await Promise.all((build.bases ?? []).map((base) => obtainImage(docker, base, log, signal)));
  const context = readContext(build, bases);
  const before = await inspect(docker, image);
  if (before?.inputs === context.hash) return;
  log({ message: before ? 'building image again: its inputs changed' : 'building image', image });
  const said: string[] = [];
  try {
    await follow(
      docker,
      (abortSignal) =>
        docker.buildImage(Readable.from([context.archive()]), {
          t: image,
          dockerfile: context.dockerfile,
          labels: { [INPUTS]: context.hash },
          forcerm: true,
          abortSignal,
          ...(build.args === undefined ? {} : { buildargs: build.args }),
        }),
      signal,
      SILENCE_MS,
      (line) => {
        said.push(line);
        if (line.startsWith('Step ')) log({ message: 'docker build', image, line });
      },
    );
    // Nobody but us can have used it, and a hundred of them fill a disk.
    if (before?.inputs !== undefined)
      await docker
        .getImage(before.id)
        .remove()
        .catch(() => {});
  } catch (cause) {
    signal.throwIfAborted();
    const last = said.slice(-15).join('\n  ');
    throw dockerFailed(
      `image ${image} cannot be built from ${basename(build.context)}/${context.dockerfile}`,
      new Error(`${reasonOf(cause)}. It last said:\n  ${last}`, { cause }),
    );
  }
}

async function inspect(docker: Docker, image: string): Promise<{ id: string; inputs?: string } | undefined> {
  if ((await idOf(docker, image)) === undefined) return undefined;
  const { Id: id, Config } = await docker.getImage(image).inspect();
  const inputs = Config.Labels?.[INPUTS];
  return { id, ...(inputs === undefined ? {} : { inputs }) };
}

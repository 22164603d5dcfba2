import type Docker from 'dockerode';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LeftOut } from '../left-out.ts';
import { DATA } from './container.ts';
import { extract, TooMuch, type Limits } from './extract.ts';
import { reasonOf } from './failure.ts';
import type { Log } from './progress.ts';

const logLimits: Limits = { bytes: 256 * 2 ** 20, files: 10_000 };
const dataLimits: Limits = { bytes: 2 ** 30, files: 100_000 };
/** An engine that has begun to send and then says nothing for so long has stopped. */
const SILENCE_MS = 60_000;

/** Where an archive of a path in a node comes from. A stream of Node's, which dockerode's types call by its oldest interface. */
export type Archives = (path: string) => Promise<NodeJS.ReadableStream & { destroy(error?: Error): void }>;

const archivesOf =
  (container: Docker.Container): Archives =>
  async (path) =>
    (await container.getArchive({ path })) as Awaited<ReturnType<Archives>>;

/** Fetch what a node wrote to files of its own into its folder of the run's record. A node in any state will do. */
export function collectLogs(
  container: Docker.Container,
  node: string,
  paths: readonly string[],
  folder: string,
  log: Log,
): Promise<void> {
  return collectLogsFrom(archivesOf(container), node, paths, folder, log);
}

export async function collectLogsFrom(
  archives: Archives,
  node: string,
  paths: readonly string[],
  folder: string,
  log: Log,
): Promise<void> {
  for (const path of paths) {
    try {
      const leftOut = await fetched(archives, path, folder, { limits: logLimits });
      for (const line of leftOut.lines) log({ message: line, node, path });
    } catch (cause) {
      log({ message: 'cannot fetch log', node, path, reason: reasonOf(cause) });
    }
  }
}

/**
 * Fetch a node's data folder into `data` of its folder in the run's record, and say what is missing. What could not be
 * fetched whole is in `data-incomplete`, so that nobody takes it for all that there was.
 */
export function collectData(
  container: Docker.Container,
  folder: string,
  limits?: Limits,
): Promise<readonly string[]> {
  return collectDataFrom(archivesOf(container), DATA, folder, limits);
}

/** @param data where the data folder is, in the node. */
export async function collectDataFrom(
  archives: Archives,
  data: string,
  folder: string,
  limits: Limits = dataLimits,
): Promise<readonly string[]> {
  const half = join(folder, 'data-incomplete');
  await rm(half, { recursive: true, force: true });
  await mkdir(half);
  try {
    const leftOut = await fetched(archives, data, half, { limits, strip: 1 });
    await rename(half, join(folder, 'data'));
    return leftOut.lines;
  } catch (cause) {
    const why = cause instanceof TooMuch ? cause.message : reasonOf(cause);
    return [`kept only a part of its data, in ${basename(half)}: ${why}`];
  }
}

async function fetched(
  archives: Archives,
  path: string,
  folder: string,
  options: Parameters<typeof extract>[2],
): Promise<LeftOut> {
  const stream = await archives(path);
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => stream.destroy(new Error(`the engine has sent nothing for ${SILENCE_MS / 1000} s`)),
      SILENCE_MS,
    );
  };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    heard();
    for await (const piece of stream) {
      heard();
      yield piece as Uint8Array;
    }
  }
  try {
    return await extract(pieces(), folder, options);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

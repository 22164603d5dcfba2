import type Docker from 'dockerode';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { reasonOf } from './failure.ts';
import type { Log } from './progress.ts';
import { unpackTar } from './tar.ts';

/** Fetch what a node wrote to files of its own into its folder of the run's record. A node in any state will do. */
export async function collectLogs(
  container: Docker.Container,
  node: string,
  paths: readonly string[],
  folder: string,
  log: Log,
): Promise<void> {
  for (const path of paths) {
    try {
      const stream = await container.getArchive({ path });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      for (const file of unpackTar(Buffer.concat(chunks))) {
        // The archive's names begin with the last part of the path that was asked for. None may lead out of our folder.
        const to = join(folder, posix.join('/', file.path));
        mkdirSync(dirname(to), { recursive: true });
        writeFileSync(to, file.content);
      }
    } catch (cause) {
      log({ message: 'cannot fetch log', node, path, reason: reasonOf(cause) });
    }
  }
}

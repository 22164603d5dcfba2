import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeDisk, Planted } from '../../runtime.ts';
import { type Agent, agentScripts, startHelper } from '../agent.ts';
import { mountLabfs } from './labfs.ts';

/** The node's own folder, of all that is on its disk. */
export const OWN = 'data';

/** A node's disk: a mounted file system, what is below it, and the node's own folder in it. */
export interface LocalDisk extends NodeDisk, AsyncDisposable {}

/** Makes one in `folder`, with the node's data at {@link dataOn}. Unmounts it when disposed. */
export async function localDisk(folder: string): Promise<LocalDisk> {
  const [below = '', at = ''] = diskFolders(folder);
  for (const each of [below, at]) mkdirSync(each, { recursive: true });
  await using made = new AsyncDisposableStack();
  const labfs = made.use(await mountLabfs(below, at));
  const tries = made.use(
    await startHelper('what tries out disks', ['perl', agentScripts['disk/disk.pl'], at]),
  );
  const disk = await layDisk(labfs.agent, tries.agent);
  const kept = made.move();
  return { ...disk, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** All that it leaves. */
export const diskFolders = (folder: string): string[] => [join(folder, 'below'), join(folder, 'disk')];

export const dataOn = (folder: string): string => join(folder, 'disk', OWN);

/** With the node's folder on it, wherever it is mounted. `tries` runs `disk.pl` there. */
export async function layDisk(labfs: Agent, tries: Agent): Promise<NodeDisk> {
  await tries.ask('lay', OWN);
  return {
    async crash({ pages, names }) {
      const [lost, kept, unnamed] = (await labfs.ask('crash', pages, names)).map(Number);
      return { lost: lost ?? 0, kept: kept ?? 0, unnamed: unnamed ?? 0 };
    },

    settle: async () => void (await labfs.ask('settle')),

    async trouble(operation, { error = '-', share = error === '-' ? 0 : 1, delayMs = 0 }) {
      await labfs.ask('trouble', operation, error, share, delayMs);
    },

    async try(operation) {
      const [ms, error] = await tries.ask('try', operation);
      return { ms: Number(ms), ...(error === undefined ? {} : { error }) };
    },

    plant: async () => planted(await tries.ask('plant')),
    harvest: async () => planted(await tries.ask('harvest')),

    files: async () =>
      inPairs(await tries.ask('files', OWN)).map(([path, size]) => ({ path: shown(path), size })),

    async damage(path, how) {
      const file = Buffer.from(`${OWN}/${path}`).toString('hex');
      await ('cut' in how ? tries.ask('cut', file, how.cut) : tries.ask('flip', file, ...how.flip));
    },

    damaged: async () =>
      inPairs(await tries.ask('damaged')).map(([path, bytes]) => ({ path: shown(path), bytes })),

    mend: async () => (await tries.ask('mend')).map(shown),
  };
}

const shown = (path: string): string => Buffer.from(path, 'hex').toString().slice(`${OWN}/`.length);

function inPairs(words: readonly string[]): [string, number][] {
  return Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i] ?? '', Number(words[2 * i + 1])]);
}

function planted([pages, names]: readonly string[]): Planted {
  return { pages: Number(pages), names: Number(names) };
}

import { open, rm } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeDisk } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import { mountLabfs } from './labfs.ts';

/** Of a file in a file system of ours. */
const PAGE = 4096;
/** So many are planted: that all of them survive by chance, or none, does not happen. */
const PAGES = 64;

/** A node's disk: a mounted file system, what is below it, and the node's own folder in it. */
export interface LocalDisk extends NodeDisk, AsyncDisposable {}

/** Makes one in `folder`, with the node's data at {@link dataOn}. Unmounts it when disposed. */
export async function localDisk(folder: string): Promise<LocalDisk> {
  const [below = '', at = ''] = diskFolders(folder);
  for (const each of [below, at]) mkdirSync(each, { recursive: true });
  const labfs = await mountLabfs(below, at);
  await using probe = await open(join(at, 'probe'), 'w');
  await probe.write('probe');
  await probe.sync();
  return { ...nodeDisk(labfs.agent, at), [Symbol.asyncDispose]: () => labfs[Symbol.asyncDispose]() };
}

/** All that it leaves. */
export const diskFolders = (folder: string): string[] => [join(folder, 'below'), join(folder, 'disk')];

export const dataOn = (folder: string): string => join(folder, 'disk', 'data');

/** Probes use files beside the node's folder, which it never sees. */
function nodeDisk(agent: Agent, at: string): NodeDisk {
  const [probe, planted] = [join(at, 'probe'), join(at, 'planted')];
  return {
    async crash(keep) {
      const [lost, kept] = await agent.ask('crash', keep);
      return { lost: Number(lost), kept: Number(kept) };
    },

    async trouble(operation, { error = '-', share = error === '-' ? 0 : 1, delayMs = 0 }) {
      await agent.ask('trouble', operation, error, share, delayMs);
    },

    async try(operation) {
      const began = performance.now();
      try {
        await operations[operation](probe);
        return { ms: performance.now() - began };
      } catch (error) {
        return {
          ms: performance.now() - began,
          error: (error as NodeJS.ErrnoException).code ?? String(error),
        };
      }
    },

    async plant() {
      await using file = await open(planted, 'w');
      await file.write(Buffer.alloc(PAGES * PAGE, 'a'), 0, PAGES * PAGE, 0);
      await file.sync();
      await file.write(Buffer.alloc(PAGES * PAGE, 'b'), 0, PAGES * PAGE, 0);
      return PAGES;
    },

    async harvest() {
      await using file = await open(planted, 'r');
      const all = Buffer.alloc(PAGES * PAGE);
      const { bytesRead } = await file.read(all, 0, all.length, 0);
      const pages = Array.from({ length: PAGES }, (_, i) => all.toString('latin1', i * PAGE, (i + 1) * PAGE));
      await rm(planted, { force: true });
      const whole = pages.every((page) => /^(a+|b+)$/.test(page)) && bytesRead === all.length;
      if (!whole) throw new Error('what had been synced is not there either');
      return pages.filter((page) => page.startsWith('b')).length;
    },
  };
}

/** Each by itself, on a file that is there and durable. */
const operations = {
  async read(path: string): Promise<void> {
    await using file = await open(path, 'r');
    await file.read(Buffer.alloc(16), 0, 16, 0);
  },
  async write(path: string): Promise<void> {
    await using file = await open(path, 'r+');
    await file.write('probe');
  },
  async sync(path: string): Promise<void> {
    await using file = await open(path, 'r');
    await file.sync();
  },
} as const;

import * as fc from 'fast-check';
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readdirSync } from 'node:fs';
import {
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalAgent } from '../agent.ts';
import { unlessInside } from '../ground.ts';
import { mountLabfs, whyNoLabfs } from './labfs.ts';
import { localDisk, type LocalDisk } from './node-disk.ts';

const lack = unlessInside.here ? await whyNoLabfs() : undefined;
const unless = unlessInside.because || (lack === undefined ? '' : ` (skipped: no labfs here: ${lack})`);
const PAGE = 4096;

describe.skipIf(unless !== '')(`a disk that can fail${unless}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'labrys-disk-'));
  const [below, at] = [join(scratch, 'a', 'below'), join(scratch, 'a', 'disk')];
  let labfs: LocalAgent;
  let disk: LocalDisk;
  beforeAll(async () => {
    for (const folder of [below, at, join(scratch, 'b')]) mkdirSync(folder, { recursive: true });
    labfs = await mountLabfs(below, at);
    disk = await localDisk(join(scratch, 'b'));
  });
  afterAll(async () => {
    await labfs?.[Symbol.asyncDispose]();
    await disk?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  test('is any file system until it crashes, and holds then what was synced, by the names that were', async () => {
    mkdirSync(join(at, 'd'));
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 40 }), async (steps) => {
        for (const path of paths(at))
          if (path !== 'd') rmSync(join(at, path), { recursive: true, force: true });
        for (const folder of ['.', 'd'] as const) act(at, { does: 'sync', name: folder });
        const model = new Model();
        for (const step of [...steps, { does: 'crash', pages: 0, names: 0 } as const]) {
          if (step.does === 'crash') {
            const [, , unnamed] = await labfs.agent.ask('crash', step.pages, step.names);
            expect(Number(unnamed)).toBe(model.crash(step.names));
            model.forget(step.pages > 0 ? contents(at) : undefined);
          } else if (step.does === 'settle') {
            await labfs.agent.ask('settle');
            model.settle();
          } else {
            act(at, step);
            model.act(step);
          }
          expect(contents(at)).toEqual(model.seen());
          for (const [path, names] of model.counted()) expect(statSync(join(at, path)).nlink).toBe(names);
        }
        // What is durable is what is below.
        expect(contents(below)).toEqual(model.seen());
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    );
  });

  test('a name is as durable as the folder that it is in, and a journal has an order', async () => {
    const look = (): string[] => paths(at).filter((path) => /^(d\/)?log/.test(path));
    await labfs.agent.ask('crash', 0, 0);
    writeFileSync(join(at, 'log.1'), 'one');
    for (const name of ['log.1', '.'] as const) sync(join(at, name));
    writeFileSync(join(at, 'log.new'), 'two');
    sync(join(at, 'log.new'));
    renameSync(join(at, 'log.new'), join(at, 'log.1'));
    expect(readFileSync(join(at, 'log.1'), 'utf8')).toBe('two');
    // Two changes: the oldest survives, and the file is called as it was made.
    expect((await labfs.agent.ask('crash', 0, 0.5))[2]).toBe('1');
    expect(look().map((path) => [path, readFileSync(join(at, path), 'utf8')])).toEqual([
      ['log.1', 'one'],
      ['log.new', 'two'],
    ]);
    unlinkSync(join(at, 'log.1'));
    renameSync(join(at, 'log.new'), join(at, 'd', 'log'));
    // Both are durable: the sync of one folder makes what was done before it in others durable as well.
    sync(join(at, 'd'));
    expect((await labfs.agent.ask('crash', 0, 0))[2]).toBe('0');
    expect(look()).toEqual(['d/log']);
    unlinkSync(join(at, 'd', 'log'));
  });

  test('of pages that were written and not synced, a crash takes all, or every other one', async () => {
    const all = await disk.plant();
    expect(await disk.crash({ pages: 0, names: 1 })).toEqual({ lost: all.pages, kept: 0, unnamed: 0 });
    expect(await disk.harvest()).toEqual({ pages: 0, names: 1 });
    await disk.plant();
    const { lost, kept, unnamed } = await disk.crash({ pages: 0.5, names: 0 });
    expect(lost + kept).toBe(all.pages);
    expect(unnamed).toBeGreaterThan(0);
    expect(await disk.harvest()).toEqual({ pages: kept, names: 0 });
    expect(Math.min(lost, kept)).toBeGreaterThan(0);
  });

  test('fails and dawdles as it is told, in that operation alone, until it is told otherwise', async () => {
    for (const operation of ['read', 'write', 'sync'] as const) {
      await disk.trouble(operation, { error: operation === 'write' ? 'ENOSPC' : 'EIO' });
      expect((await disk.try(operation)).error).toBe(operation === 'write' ? 'ENOSPC' : 'EIO');
      await disk.trouble(operation, { delayMs: 30 });
      const slow = await disk.try(operation);
      expect(slow.error).toBeUndefined();
      expect(slow.ms).toBeGreaterThanOrEqual(30);
      await disk.trouble(operation, {});
      for (const other of ['read', 'write', 'sync'] as const)
        expect((await disk.try(other)).error).toBeUndefined();
    }
  });

  test('what it cannot do it refuses, and goes on', async () => {
    await expect(labfs.agent.ask('crash', 'all', 0)).rejects.toThrow('cannot keep all of pages');
    await expect(labfs.agent.ask('crash', 0, 2)).rejects.toThrow('and 2 of names');
    await expect(labfs.agent.ask('trouble', 'read', 'EWHAT', 1, 0)).rejects.toThrow('no such trouble');
    await expect(labfs.agent.ask('trouble', 'nap', 'EIO', 1, 0)).rejects.toThrow('no such trouble');
    await expect(labfs.agent.ask('dance')).rejects.toThrow('unknown command dance');
    expect(await labfs.agent.ask('crash', 0, 1)).toEqual(['0', '0', '0']);
  });

  test('a file that is open keeps what it has when its name is gone, and its number is not mistaken for another', async () => {
    const path = join(at, 'open');
    const fd = openSync(path, 'w+');
    writeSync(fd, 'not synced');
    unlinkSync(path);
    writeFileSync(join(at, 'other'), 'other');
    expect(readFileSync(fd, 'utf8')).toBe('');
    writeSync(fd, '!', 10);
    closeSync(fd);
    expect(contents(at)['other']?.toString()).toBe('other');
    unlinkSync(join(at, 'other'));
  });
});

type Name = 'a' | 'b' | 'c' | 'd/a' | 'd/b';
type Folder = 'e' | 'f';
type Step =
  | { readonly does: 'write'; readonly name: Name; readonly at: number; readonly text: string }
  | { readonly does: 'truncate'; readonly name: Name; readonly size: number }
  | { readonly does: 'sync'; readonly name: Name | '.' | 'd' }
  | { readonly does: 'unlink'; readonly name: Name }
  | { readonly does: 'rename'; readonly name: Name; readonly to: Name }
  | { readonly does: 'rename'; readonly name: Folder; readonly to: Folder }
  | { readonly does: 'link'; readonly name: Name; readonly to: Name }
  | { readonly does: 'folder'; readonly name: Folder }
  | { readonly does: 'settle' }
  | { readonly does: 'crash'; readonly pages: number; readonly names: number };

const name = fc.constantFrom<Name>('a', 'b', 'c', 'd/a', 'd/b');
const folder = fc.constantFrom<Folder>('e', 'f');
const does = <T extends Step['does']>(what: T): fc.Arbitrary<T> => fc.constant(what);
/** Around the borders of pages, where mistakes are. */
const place = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([page, off]) => Math.max(0, page * PAGE + off));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: does('write'), name, at: place, text: text() }) },
  fc.record({ does: does('truncate'), name, size: place }),
  { weight: 2, arbitrary: fc.record({ does: does('sync'), name }) },
  fc.record({ does: does('sync'), name: fc.constantFrom('.' as const, 'd' as const) }),
  { weight: 2, arbitrary: fc.record({ does: does('unlink'), name }) },
  { weight: 2, arbitrary: fc.record({ does: does('rename'), name, to: name }) },
  fc.record({ does: does('rename'), name: folder, to: folder }),
  fc.record({ does: does('folder'), name: folder }),
  fc.record({ does: does('link'), name, to: name }),
  fc.record({ does: does('settle') }),
  {
    weight: 2,
    arbitrary: fc.record({
      does: does('crash'),
      pages: fc.constantFrom(0, 0, 0.5),
      names: fc.constantFrom(0, 0.5, 1),
    }),
  },
);

function text(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom(1, 5, 4095, 4096, 4097, 9000))
    .map(([letter, length]) => letter.repeat(length));
}

/** On a real folder. What concerns a file that is not there does nothing, but to write makes it; a folder is made, or removed. */
function act(root: string, step: Exclude<Step, { does: 'crash' | 'settle' }>): void {
  const path = join(root, step.name);
  const there = existsSync(path);
  if (step.does === 'folder') return there ? rmdirSync(path) : mkdirSync(path);
  if (step.does !== 'write' && !there) return;
  if (step.does === 'unlink') return unlinkSync(path);
  if (step.does === 'rename') return renameSync(path, join(root, step.to));
  if (step.does === 'sync') return sync(path);
  if (step.does === 'link')
    return existsSync(join(root, step.to)) ? undefined : linkSync(path, join(root, step.to));
  const fd = openSync(path, there ? 'r+' : 'w+');
  if (step.does === 'write') writeSync(fd, step.text, step.at, 'latin1');
  else ftruncateSync(fd, step.size);
  closeSync(fd);
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** All that is in a folder, but for what our file system keeps for itself below. */
const paths = (root: string): string[] =>
  readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => !path.startsWith('.lost'))
    .toSorted();

const contents = (root: string): Record<string, Buffer | 'folder'> =>
  Object.fromEntries(
    paths(root).map((path) => {
      const whole = join(root, path);
      return [path, statSync(whole).isDirectory() ? 'folder' : readFileSync(whole)];
    }),
  );

interface File {
  seen: Buffer;
  durable: Buffer;
}
type Names = ReadonlyMap<string, File | 'folder'>;

/**
 * What a disk is meant to hold: of each file, what readers see, and what a crash leaves of it; and how files are called, with all
 * that was done to names and is not durable yet.
 */
class Model {
  #names: Names = new Map([['d', 'folder']]);
  #changes: { readonly before: Names; readonly folders: readonly string[] }[] = [];

  seen(): Record<string, Buffer | 'folder'> {
    return Object.fromEntries(
      [...this.#names].map(([path, one]) => [path, one === 'folder' ? one : one.seen]),
    );
  }

  /** How many names each file has. */
  counted(): [string, number][] {
    const named = [...this.#names].filter(([, one]) => one !== 'folder');
    return named.map(([path, one]) => [path, named.filter(([, other]) => other === one).length]);
  }

  act(step: Exclude<Step, { does: 'crash' | 'settle' }>): void {
    const one = this.#names.get(step.name);
    if (step.does === 'write') {
      const file = one === undefined ? this.#make(step.name) : (one as File);
      const grown = resized(file.seen, Math.max(file.seen.length, step.at + step.text.length));
      grown.write(step.text, step.at, 'latin1');
      file.seen = grown;
    } else if (step.does === 'folder') {
      this.#change([step.name], (names) => (one ? names.delete(step.name) : names.set(step.name, 'folder')));
    } else if (step.does === 'sync' && (step.name === '.' || step.name === 'd')) {
      const last = this.#changes.findLastIndex(({ folders }) => folders.includes(step.name));
      this.#changes.splice(0, last + 1);
    } else if (one === undefined) return;
    else if (step.does === 'unlink') this.#change([step.name], (names) => names.delete(step.name));
    else if (step.does === 'rename') {
      // Two names of the same: nothing is done.
      if (step.name === step.to || (one !== 'folder' && this.#names.get(step.to) === one)) return;
      this.#change([step.name, step.to], (names) => names.delete(step.name) && names.set(step.to, one));
    } else if (step.does === 'link') {
      if (!this.#names.has(step.to)) this.#change([step.to], (names) => names.set(step.to, one));
    } else if (one === 'folder') throw new Error('files alone are written and cut');
    else if (step.does === 'sync') one.durable = one.seen;
    else {
      const shorter = step.size < one.seen.length;
      one.seen = resized(one.seen, step.size);
      // What is cut off is gone at once, and what was written to it before is then durable.
      if (shorter) one.durable = one.seen;
    }
  }

  settle(): void {
    this.#changes = [];
    for (const one of this.#names.values()) if (one !== 'folder') one.durable = one.seen;
  }

  /** As for names. Answers how many changes of them are taken back. */
  crash(keep: number): number {
    const lost = this.#changes.length - Math.floor(keep * this.#changes.length);
    if (lost > 0) this.#names = this.#changes.at(-lost)?.before as Names;
    this.#changes = [];
    return lost;
  }

  #make(path: string): File {
    const file = { seen: Buffer.alloc(0), durable: Buffer.alloc(0) };
    this.#change([path], (names) => names.set(path, file));
    return file;
  }

  #change(touched: readonly string[], does: (names: Map<string, File | 'folder'>) => unknown): void {
    const folders = touched.map((path) => (path.startsWith('d/') ? 'd' : '.'));
    this.#changes.push({ before: this.#names, folders });
    const after = new Map(this.#names);
    does(after);
    this.#names = after;
  }

  /** As for contents. Where some pages have survived, each for itself: takes over what is there, if that can be. */
  forget(found: Readonly<Record<string, Buffer | 'folder'>> | undefined): void {
    for (const [each, file] of this.#names) {
      if (file === 'folder') continue;
      const there = found === undefined ? file.durable : found[each];
      // By another name of it already.
      if (there === undefined || there === 'folder' || file.seen === file.durable) continue;
      const { seen, durable } = file;
      if (there.length < Math.min(seen.length, durable.length))
        throw new Error(`${each} is shorter than it ever was`);
      if (there.length > Math.max(seen.length, durable.length))
        throw new Error(`${each} is longer than it ever was`);
      for (let from = 0; from < there.length; from += PAGE) {
        const page = (of: Buffer): string =>
          resized(of, Math.max(of.length, there.length)).toString(
            'latin1',
            from,
            Math.min(from + PAGE, there.length),
          );
        if (![page(seen), page(durable)].includes(page(there)))
          throw new Error(`${each} has at ${from} what it never had`);
      }
      file.seen = file.durable = there;
    }
  }
}

function resized(buffer: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  buffer.copy(out, 0, 0, Math.min(size, buffer.length));
  return out;
}

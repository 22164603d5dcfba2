import * as fc from 'fast-check';
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readdirSync } from 'node:fs';
import { readFileSync, renameSync, rmSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
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

  test('is any file system until it crashes, and holds then what was synced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 40 }), async (steps) => {
        const model = new Model();
        for (const name of readdirSync(at)) unlinkSync(join(at, name));
        for (const step of steps) {
          if (step.does === 'crash') {
            await labfs.agent.ask('crash', step.keep);
            if (step.keep > 0) model.adopt(contents(at));
          } else act(at, step);
          model.act(step);
          expect(contents(at)).toEqual(model.seen());
        }
        await labfs.agent.ask('crash', 0);
        model.act({ does: 'crash', keep: 0 });
        expect(contents(at)).toEqual(model.seen());
        // What is durable is what is below.
        expect(contents(below)).toEqual(model.seen());
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 60) },
    );
  });

  test('of pages that were written and not synced, a crash takes all, or every other one', async () => {
    const all = await disk.plant();
    expect(await disk.crash(0)).toEqual({ lost: all, kept: 0 });
    expect(await disk.harvest()).toBe(0);
    await disk.plant();
    const { lost, kept } = await disk.crash(0.5);
    expect(lost + kept).toBe(all);
    expect(await disk.harvest()).toBe(kept);
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
    await expect(labfs.agent.ask('crash', 'all')).rejects.toThrow('cannot keep all');
    await expect(labfs.agent.ask('crash', 2)).rejects.toThrow('cannot keep 2');
    await expect(labfs.agent.ask('trouble', 'read', 'EWHAT', 1, 0)).rejects.toThrow('no such trouble');
    await expect(labfs.agent.ask('trouble', 'nap', 'EIO', 1, 0)).rejects.toThrow('no such trouble');
    await expect(labfs.agent.ask('dance')).rejects.toThrow('unknown command dance');
    expect(await labfs.agent.ask('crash', 0)).toEqual(['0', '0']);
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

type Name = 'a' | 'b' | 'c';
type Step =
  | { readonly does: 'write'; readonly name: Name; readonly at: number; readonly text: string }
  | { readonly does: 'truncate'; readonly name: Name; readonly size: number }
  | { readonly does: 'sync' | 'unlink'; readonly name: Name }
  | { readonly does: 'rename'; readonly name: Name; readonly to: Name }
  | { readonly does: 'crash'; readonly keep: number };

const name = fc.constantFrom<Name>('a', 'b', 'c');
/** Around the borders of pages, where mistakes are. */
const place = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([page, off]) => Math.max(0, page * PAGE + off));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('write' as const), name, at: place, text: text() }) },
  fc.record({ does: fc.constant('truncate' as const), name, size: place }),
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('sync' as const, 'unlink' as const), name }) },
  fc.record({ does: fc.constant('rename' as const), name, to: name }),
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('crash' as const), keep: fc.constantFrom(0, 0, 0.5) }),
  },
);

function text(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom(1, 5, 4095, 4096, 4097, 9000))
    .map(([letter, length]) => letter.repeat(length));
}

/** On a real folder. What concerns a file that is not there does nothing, but to write makes it. */
function act(folder: string, step: Exclude<Step, { does: 'crash' }>): void {
  const path = join(folder, step.name);
  const there = readdirSync(folder).includes(step.name);
  if (step.does !== 'write' && !there) return;
  if (step.does === 'unlink') return unlinkSync(path);
  if (step.does === 'rename') return renameSync(path, join(folder, step.to));
  const fd = openSync(path, there ? 'r+' : 'w+');
  if (step.does === 'write') writeSync(fd, step.text, step.at, 'latin1');
  else if (step.does === 'truncate') ftruncateSync(fd, step.size);
  else fsyncSync(fd);
  closeSync(fd);
}

const contents = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(folder).map((each) => [each, readFileSync(join(folder, each))]));

/** What a disk is meant to hold: of each file, what readers see, and what a crash leaves of it. */
class Model {
  readonly #files = new Map<Name, { seen: Buffer; durable: Buffer }>();

  seen(): Record<string, Buffer> {
    return Object.fromEntries([...this.#files].map(([each, { seen }]) => [each, seen]));
  }

  act(step: Step): void {
    if (step.does === 'crash') {
      for (const file of this.#files.values()) file.seen = file.durable;
      return;
    }
    const file = this.#files.get(step.name);
    if (step.does === 'write') {
      const { seen, durable } = file ?? { seen: Buffer.alloc(0), durable: Buffer.alloc(0) };
      const grown = resized(seen, Math.max(seen.length, step.at + step.text.length));
      grown.write(step.text, step.at, 'latin1');
      this.#files.set(step.name, { seen: grown, durable });
    } else if (file === undefined) return;
    else if (step.does === 'sync') file.durable = file.seen;
    else if (step.does === 'truncate') {
      const shorter = step.size < file.seen.length;
      file.seen = resized(file.seen, step.size);
      // What is cut off is gone at once, and what was written to it before is then durable.
      if (shorter) file.durable = file.seen;
    } else {
      this.#files.delete(step.name);
      if (step.does === 'rename') this.#files.set(step.to, file);
    }
  }

  /** After a crash that some pages have survived, each for itself: takes over what is there, if that can be. */
  adopt(found: Readonly<Record<string, Buffer>>): void {
    for (const [each, file] of this.#files) {
      const there = found[each] as Buffer;
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
      file.durable = there;
    }
  }
}

function resized(buffer: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  buffer.copy(out, 0, 0, Math.min(size, buffer.length));
  return out;
}

import fc from 'fast-check';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LeftOut } from '../left-out.ts';
import { extract } from './extract.ts';
import { pieces } from './fixtures/pieces.ts';
import { packTar } from './tar.ts';

let around: string;
let folder: string;
beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'labrys-extract-'));
  folder = join(around, 'in');
  mkdirSync(folder);
  writeFileSync(join(around, 'secret'), 'kept');
});
afterEach(() => rmSync(around, { recursive: true, force: true }));

interface Made {
  readonly path: string;
  readonly type?: string;
  readonly target?: string;
  readonly content?: string;
}

const limits = { bytes: 2 ** 20, files: 1000 };

test('files and folders are written, without the folder that was asked for, and with the right to execute alone', async () => {
  const archive = packTar([
    { path: 'data/', content: Buffer.alloc(0), mode: 0o700 },
    { path: 'data/deep/er/', content: Buffer.alloc(0), mode: 0 },
    { path: 'data/deep/f', content: Buffer.from('one'), mode: 0o4755 },
    { path: 'data/g', content: Buffer.from('two'), mode: 0o000 },
  ]);
  const leftOut = await extract(pieces(archive), folder, { limits, strip: 1 });
  expect(leftOut.lines).toEqual([]);
  expect(tree(folder)).toEqual(['deep/', 'deep/er/', 'deep/f one', 'g two']);
  expect(lstatSync(join(folder, 'deep/f')).mode & 0o7111).toBe(0o111);
  expect(lstatSync(join(folder, 'g')).mode & 0o7511).toBe(0o400);
});

test('whatever an archive says, nothing is written outside of the folder, and nothing in it is a link or a device', async () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'b', 'secret', 'in', 'x'.repeat(300), 'a\0b', '\u202e');
  const path = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 5 }));
  const text = path.map(([absolute, parts]) => (absolute ? `${around}/` : '') + parts.join('/'));
  const entry = fc.record({
    path: text,
    type: fc.constantFrom('0', '1', '2', '3', '5', '6', 'S', '\0'),
    target: fc.oneof(text, fc.constant('../secret')),
    content: fc.constant('taken'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), fc.nat({ max: 1 }), async (entries, strip) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      await extract(pieces(archiveOf(entries)), folder, { limits, strip });
      expect(readdirSync(around).toSorted()).toEqual(['in', 'secret']);
      expect(readFileSync(join(around, 'secret'), 'utf8')).toBe('kept');
      for (const line of tree(folder)) expect(line).toMatch(/(\/| (taken)?)$/);
    }),
  );
});

test('a link, and a file whose name leads through it, end inside', async () => {
  const leftOut = await taken([
    { path: 'out', type: '2', target: around },
    { path: 'out/secret', content: 'taken' },
    { path: '../secret', content: 'taken' },
    { path: `${around}/secret`, content: 'taken' },
  ]);
  expect(tree(folder)).toEqual(['out/', 'out/secret taken']);
  expect(leftOut.lines).toEqual([
    'left out links, devices and pipes: out',
    `left out names that lead elsewhere: ../secret, ${around}/secret`,
  ]);
});

test('a second name of a file becomes a file; of one that is outside, nothing', async () => {
  const leftOut = await taken([
    { path: 'f', content: 'one' },
    { path: 'second', type: '1', target: 'f' },
    { path: 'third', type: '1', target: '../secret' },
    { path: 'fourth', type: '1', target: 'nobody' },
  ]);
  expect(tree(folder)).toEqual(['f one', 'second one']);
  expect(leftOut.lines).toEqual(['left out files that could not be written: third, fourth']);
});

test('what is there already stays what it is', async () => {
  writeFileSync(join(folder, 'stdout.log'), 'said');
  const leftOut = await taken([
    { path: 'stdout.log', content: 'taken' },
    { path: 'stdout.log/deeper', content: 'taken' },
    { path: 'f', content: 'one' },
  ]);
  expect(tree(folder)).toEqual(['f one', 'stdout.log said']);
  expect(leftOut.lines).toEqual(['left out files that could not be written: stdout.log, stdout.log/deeper']);
});

test('more than the limits is not taken, and says which it met', async () => {
  const some = (n: number, content: string): Made[] =>
    Array.from({ length: n }, (_, i) => ({ path: `f${i}`, content }));
  const take = (entries: Made[], files: number, bytes: number): Promise<LeftOut> =>
    extract(pieces(archiveOf(entries)), folder, { limits: { files, bytes } });
  await expect(take(some(4, ''), 3, 10)).rejects.toThrow('it holds more than 3 files');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  await expect(take(some(2, 'x'.repeat(2 ** 20)), 9, 2 ** 20)).rejects.toThrow('it holds more than 1 MiB');
  // Second names cost what they come to.
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const twice = [
    { path: 'f', content: 'x'.repeat(2 ** 20) },
    { path: 'g', type: '1', target: 'f' },
  ];
  await expect(take(twice, 9, 2 ** 20)).rejects.toThrow('it holds more than 1 MiB');
});

test('of many that were left out, the first are named and the rest are counted', async () => {
  const leftOut = await taken(Array.from({ length: 9 }, (_, i) => ({ path: `p${i}`, type: '6' })));
  expect(leftOut.lines).toEqual(['left out links, devices and pipes: p0, p1, p2 and 6 more']);
});

const taken = (entries: readonly Made[]): Promise<LeftOut> =>
  extract(pieces(archiveOf(entries), 700), folder, { limits });

/** As hostile as one likes: any type, any name, any target. */
function archiveOf(entries: readonly Made[]): Buffer {
  const end = Buffer.alloc(1024);
  const made = entries.map(({ path, type = '0', target = '', content = '' }) => {
    const kept = type === '0' || type === '\0' ? content : '';
    const archive = packTar([{ path, content: Buffer.from(kept), mode: 0o644 }]).subarray(0, -1024);
    const header = archive.subarray(archive.length - 512 - Math.ceil(kept.length / 512) * 512);
    header.write(type, 156, 'latin1');
    header.write(target.slice(0, 99), 157);
    return archive;
  });
  return Buffer.concat([...made, end]);
}

/** Everything under a folder: `folder/`, `file content`. */
function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1);
      if (entry.isDirectory()) return `${path}/`;
      return entry.isFile() ? `${path} ${readFileSync(join(root, path), 'utf8')}` : `${path} ???`;
    })
    .toSorted();
}

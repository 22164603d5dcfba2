import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gathered, pieces } from './fixtures/pieces.ts';
import { readTar } from './tar-reader.ts';
import { packTar, type TarFile } from './tar.ts';

const name = fc.stringMatching(/^[a-z0-9_é]{1,60}$/);
const file = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  content: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  mode: fc.constantFrom(0o644, 0o755, 0o777),
});
const length = fc.integer({ min: 1, max: 3000 });

test('what was packed comes out again, in whatever pieces it comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file), length, async (files, length) => {
      const read: TarFile[] = [];
      for await (const { path, mode, content } of readTar(pieces(packTar(files), length)))
        read.push({ path, mode, content: Buffer.concat(await gathered(content())) });
      expect(read).toEqual(files);
    }),
  );
});

test('what is not read of an entry is passed over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file), length, async (files, length) => {
      const read: string[] = [];
      for await (const { path } of readTar(pieces(packTar(files), length))) read.push(path);
      expect(read).toEqual(files.map(({ path }) => path));
    }),
  );
});

test('an archive that ends too soon is never taken for a whole one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1 }), fc.nat(), async (files, cut) => {
      const whole = packTar(files);
      // The end mark is two blocks, of which one is enough.
      const torn = whole.subarray(0, cut % (whole.length - 2 * 512 + 1));
      const read = gathered(readTar(pieces(torn)));
      await expect(read).rejects.toThrow('the archive ends too soon');
    }),
  );
});

test('what is no archive is said not to be one', async () => {
  const read = gathered(readTar(pieces(Buffer.from('no such container'.repeat(100)))));
  await expect(read).rejects.toThrow('it is no tar archive');
});

test('the system’s own tar reads what we pack, folders and long names too; and we read what it packs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-tar-'));
  try {
    const long = `${'a'.repeat(80)}/${'b'.repeat(80)}`;
    execFileSync('tar', ['-x', '-C', folder], {
      input: packTar([
        { path: 'd/', content: Buffer.alloc(0), mode: 0o777 },
        { path: 'd/f', content: Buffer.from('one'), mode: 0o644 },
        { path: long, content: Buffer.from('two'), mode: 0o644 },
      ]),
    });
    expect(readFileSync(join(folder, 'd/f'), 'utf8')).toBe('one');
    expect(readFileSync(join(folder, long), 'utf8')).toBe('two');
    execFileSync('sh', ['-c', 'ln f hard; ln -s f soft; mkfifo pipe; echo x > "two\nlines"'], {
      cwd: join(folder, 'd'),
    });
    for (const format of ['pax', 'gnu', 'ustar']) {
      const made = execFileSync('tar', ['-c', '-C', folder, `--format=${format}`, '--sort=name', 'd', long]);
      const read: unknown[] = [];
      for await (const { path, kind, target, content } of readTar(pieces(made)))
        read.push([path, kind, target, Buffer.concat(await gathered(content())).toString()]);
      expect(read, format).toEqual([
        ['d/', 'folder', '', ''],
        ['d/f', 'file', '', 'one'],
        ['d/hard', 'link', 'd/f', ''],
        ['d/pipe', 'other', '', ''],
        ['d/soft', 'other', 'f', ''],
        ['d/two\nlines', 'file', '', 'x\n'],
        [long, 'file', '', 'two'],
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

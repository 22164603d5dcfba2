import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packTar, unpackTar } from './tar.ts';

const name = fc.stringMatching(/^[a-z0-9_é]{1,60}$/);
const file = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  content: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  mode: fc.constantFrom(0o644, 0o755, 0o777),
});

test('what was packed comes out again', () => {
  fc.assert(
    fc.property(fc.array(file), (files) => {
      expect(unpackTar(packTar(files))).toEqual(files);
    }),
  );
});

test('the system’s own tar reads what we pack, folders and long names too', () => {
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
    const made = execFileSync('tar', ['-c', '-C', folder, '--format=pax', 'd', long]);
    expect(unpackTar(made).map(({ path, content }) => [path, content.toString()])).toEqual([
      ['d/f', 'one'],
      [long, 'two'],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

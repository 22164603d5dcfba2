import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keep, readContext } from './context.ts';
import { pieces } from './fixtures/pieces.ts';
import { readTar } from './tar-reader.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labrys-context-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
  writeFileSync(join(folder, 'node.js'), 'one');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the same inputs have the same hash, and each of them changes it', () => {
  const hash = (args: Record<string, string>, bases: string[]): string =>
    readContext({ context: folder, args }, bases).hash;
  const before = hash({ BASE: 'a' }, ['1']);
  expect(hash({ BASE: 'a' }, ['1'])).toBe(before);
  expect(hash({ BASE: 'b' }, ['1'])).not.toBe(before);
  expect(hash({ BASE: 'a' }, ['2'])).not.toBe(before);
  writeFileSync(join(folder, 'node.js'), 'two');
  expect(hash({ BASE: 'a' }, ['1'])).not.toBe(before);
});

test('extra files join the context under the path they were given', async () => {
  const { archive } = readContext({ context: folder, extra: { 'kit/x': join(folder, 'node.js') } }, []);
  const paths: string[] = [];
  for await (const { path } of readTar(pieces(archive()))) paths.push(path);
  expect(paths).toEqual(['Dockerfile', 'kit/x', 'node.js']);
});

test('a folder without a Dockerfile says so', () => {
  expect(() => readContext({ context: folder, dockerfile: 'Other' }, [])).toThrow(/there is no .*Other/);
});

test('.dockerignore leaves out folders, globs, and takes back what ! names', () => {
  const paths = ['Dockerfile', 'a.md', 'src/b.md', 'node_modules/x/y.js', 'src/c.ts'];
  expect(keep(paths, '')).toEqual(paths);
  expect(keep(paths, '# why\nnode_modules\n**/*.md\n')).toEqual(['Dockerfile', 'src/c.ts']);
  expect(keep(paths, '**\n!Dockerfile\n!src/c.ts')).toEqual(['Dockerfile', 'src/c.ts']);
});

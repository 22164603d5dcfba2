import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { imageFor } from './image.ts';

const example = join(import.meta.dirname, 'example');

test('an image holds what its node runs, and nothing that it does not', () => {
  const { command, build } = imageFor('Primary Backup', join(example, 'primary-backup.ts'));
  const inside = Object.keys(build.extra ?? {});
  expect(Object.values(build.extra ?? {}).filter((path) => !existsSync(path))).toEqual([]);
  for (const word of command) expect(inside).toContain(word.replace('/labrys/', ''));
  expect(inside).toContain('docker/kit/real/serve.ts');
  expect(inside.filter((path) => /test|node_modules|\/sim\/|README/.test(path))).toEqual([]);
});

test('an image holds what its protocol imports from the folders beside it, and what that imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-image-'));
  try {
    cpSync(example, join(folder, 'mine'), { recursive: true });
    cpSync(example, join(folder, 'theirs'), { recursive: true });
    writeFileSync(join(folder, 'mine/mine.ts'), "export { default } from '../theirs/one.ts';\n");
    writeFileSync(join(folder, 'theirs/one.ts'), "export { default } from './two.ts';\n");
    writeFileSync(
      join(folder, 'theirs/two.ts'),
      "import type { Disk } from 'labrys/kit';\nexport default 2;\n",
    );
    const inside = Object.keys(imageFor('mine', join(folder, 'mine/mine.ts')).build.extra ?? {});
    expect(inside.filter((path) => path.startsWith('docker/theirs')).toSorted()).toEqual([
      'docker/theirs/one.ts',
      'docker/theirs/two.ts',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an edited protocol is another image, and the same protocol the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-image-'));
  try {
    cpSync(example, folder, { recursive: true });
    const image = (): string => imageFor('mine', join(folder, 'primary-backup.ts')).image;
    const before = image();
    expect(before).toMatch(/^labrys\/kit-mine:[0-9a-f]{12}$/);
    expect(image()).toBe(before);
    writeFileSync(join(folder, 'other.ts'), 'export const one = 1;\n');
    expect(image()).not.toBe(before);
    expect(imageFor('mine', join(folder, 'primary-backup.ts')).command[2]).toBe(
      `/labrys/docker/${basename(folder)}/primary-backup.ts`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

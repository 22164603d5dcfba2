import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const pages = globSync('{*.md,docs/**/*.md,checkers/*.md,docker/*/*.md,results/README.md}', {
  cwd: root,
}).filter((page) => !page.includes('node_modules'));

/** Code that a page shows is a file that tests run: a block that opens with ```ts file=path must be that file. */
test('code shown in the docs is the code that is tested', () => {
  const stale = pages.flatMap((page) =>
    [...read(page).matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)]
      .filter(([, file, code]) => !existsSync(join(root, file as string)) || read(file as string) !== code)
      .map(([, file]) => `${page} shows another ${file}`),
  );
  expect(stale).toEqual([]);
});

test('links between pages lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .filter(([, target]) => !existsSync(join(root, dirname(page), target as string)))
      .map(([, target]) => `${page} links to ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every decision has a number of its own', () => {
  const numbers = globSync('docs/decisions/*.md', { cwd: root }).map((page) => /\d{4}/.exec(page)?.[0]);
  expect(numbers.length).toBeGreaterThan(4);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('no page holds what a merge left undecided', () => {
  expect(pages.filter((page) => /^(<{7}|={7}|>{7})( |$)/m.test(read(page)))).toEqual([]);
});

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```\n\n```\n([\s\S]*?)```/g)].map(
  ([, code, output]) => ({
    first: (code as string).split('\n')[0],
    code: code as string,
    output: output as string,
  }),
);

// Inside the package, so that it finds itself by its name.
const folder = mkdtempSync(join(import.meta.dirname, 'readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the README shows its examples with what they print', () => {
  expect(examples).toHaveLength(3);
});

test.each(examples.map((example, i) => ({ ...example, i })))(
  'example $i prints what the README says',
  async ({ code, output, i }) => {
    const printed: string[] = [];
    const file = join(folder, `example-${i}.mjs`);
    writeFileSync(file, code.replaceAll('console.log(', 'globalThis.printed('));
    (globalThis as { printed?: unknown }).printed = (...values: unknown[]) =>
      printed.push(`${values.join(' ')}\n`);
    await import(file);
    expect(printed.join('')).toBe(output);
  },
);

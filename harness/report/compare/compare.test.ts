import { expect, test } from 'vitest';
import { elementsOf, textOf } from '../golden/parse.ts';
import { goldenRuns, writeGolden, type GoldenName } from '../golden/runs.ts';
import { readRun } from '../run-files.ts';
import { comparePage } from './compare.ts';

async function compared(a: GoldenName, b: GoldenName): Promise<string> {
  await using first = await writeGolden(goldenRuns[a]());
  await using second = await writeGolden(goldenRuns[b]());
  return comparePage(await readRun(first.path), await readRun(second.path));
}

test('both verdicts, what was asked differently, and every figure twice', async () => {
  const text = textOf(await compared('pass', 'lostElement'));
  expect(text).toContain('A · Linearizable');
  expect(text).toContain('B · Broken: no lost elements');
  expect(text).toContain('seed 4711 9');
  expect(text).toContain('workload.name register set');
  expect(text).toMatch(/operations ([\d,]+) \1 1\.00×/);
  expect(text).toContain('no lost elements – ✗ broken');
});

test('the same twice differs in nothing', async () => {
  expect(textOf(await compared('pass', 'pass'))).toContain('Nothing: both were asked the same');
});

test('a run without a history has its verdict and its figures', async () => {
  const text = textOf(await compared('couldNotRun', 'pass'));
  expect(text).toContain('n3 never became ready');
  expect(text).toContain('ok 0');
});

test('hostile text adds no element', async () => {
  const page = await compared('hostile', 'staleRead');
  const known = new Set(elementsOf(await compared('staleRead', 'pass')));
  expect([...elementsOf(page)].filter((name) => !known.has(name))).toEqual([]);
  expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

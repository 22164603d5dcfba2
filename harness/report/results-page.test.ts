import { cp, mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from './golden/parse.ts';
import { goldenNames, goldenRuns, writeGolden, type GoldenName } from './golden/runs.ts';
import { renderResults } from './results-page.ts';

test('runs are listed with their verdicts, what needs somebody first, and what is no run is passed over', async () => {
  await using results = await mkdtempDisposable(join(tmpdir(), 'labrys-results-'));
  for (const name of goldenNames) {
    await using run = await writeGolden(goldenRuns[name]());
    await cp(run.path, join(results.path, name), { recursive: true });
  }
  await mkdir(join(results.path, 'half'));
  await writeFile(join(results.path, 'half', 'plan.json'), '{"format":"labrys/pl');
  await writeFile(join(results.path, 'README.md'), 'what is what');

  const page = await readFile(await renderResults(results.path), 'utf8');
  expect(textOf(page)).toContain('new violations');
  const runs = page.slice(page.indexOf('id="runs"'));
  const links = [...runs.matchAll(/href="(\.\/[^"]+)"/g)].map(([, link]) => link);
  expect(links.toSorted()).toEqual(goldenNames.map((name) => `./${name}/index.html`).toSorted());
  const verdicts = links.map((link) => goldenRuns[link?.split('/')[1] as GoldenName]().result.verdict);
  expect([...new Set(verdicts)]).toEqual(['violation', 'could-not-run', 'undecided', 'pass']);
  expect(verdicts).toEqual(
    [...new Set(verdicts)].flatMap((one) => verdicts.filter((verdict) => verdict === one)),
  );
  expect(textOf(page)).toContain('Client 5 read x246 at 12.343 s and got 14');
  expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(page).not.toContain('<img src=x');
});

test('no results are a page too', async () => {
  await using results = await mkdtempDisposable(join(tmpdir(), 'labrys-results-'));
  expect(textOf(await readFile(await renderResults(results.path), 'utf8'))).toContain('No runs yet');
});

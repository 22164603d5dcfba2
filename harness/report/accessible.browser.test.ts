import { readFileSync } from 'node:fs';
import { cp, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from './golden/chromium.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparePage } from './compare/compare.ts';
import { goldenNames, goldenRuns, writeGolden } from './golden/runs.ts';
import { renderRun } from './report.ts';
import { readRun } from './run-files.ts';
import { renderResults } from './results-page.ts';

const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe.skipIf(noChromium)(`WCAG A and AA, by axe${unlessChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-sync'],
    });
  });
  afterAll(async () => browser.close());

  test.each(goldenNames)('%s, light and dark', async (name) => {
    await using folder = await writeGolden(goldenRuns[name]());
    expect(await findings(await renderRun(folder.path))).toEqual([]);
  });

  test.each(['staleRead', 'longFork', 'pass'] as const)('%s on a phone', async (name) => {
    await using folder = await writeGolden(goldenRuns[name]());
    expect(await findings(await renderRun(folder.path), 390)).toEqual([]);
  });

  test('the page of all results, and that of two runs beside each other', async () => {
    await using results = await mkdtempDisposable(join(tmpdir(), 'labrys-results-'));
    for (const name of goldenNames) {
      await using run = await writeGolden(goldenRuns[name]());
      await cp(run.path, join(results.path, name), { recursive: true });
    }
    expect(await findings(await renderResults(results.path))).toEqual([]);
    const [a, b] = [
      await readRun(join(results.path, 'pass')),
      await readRun(join(results.path, 'staleRead')),
    ];
    const path = join(results.path, 'compare.html');
    await writeFile(path, comparePage(a, b));
    expect(await findings(path)).toEqual([]);
  });

  /** What axe finds wrong with a page, in light colours and in dark. */
  async function findings(path: string, width = 1440): Promise<string[]> {
    // The page's own policy forbids foreign scripts, so only here is it set aside.
    const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
    try {
      const page = await context.newPage();
      await page.goto(`file://${path}`);
      if ((await page.locator('#explorer').count()) > 0) await page.waitForSelector('#explorer[data-ready]');
      await page.addScriptTag({ content: axe });
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const findings = await page.evaluate<Finding[]>(
          `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then(({ violations }) => violations)`,
        );
        found.push(...findings.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes[0]?.html}`));
      }
      return found;
    } finally {
      await context.close();
    }
  }
});

import { readFileSync } from 'node:fs';
import { cp, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from './golden/chromium.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenNames, goldenRuns, writeGolden } from './golden/runs.ts';
import { renderRun } from './report.ts';
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

  test.each([
    ['staleRead', 'light', 1440],
    ['staleRead', 'dark', 1440],
    ['staleRead', 'light', 390],
    ['pass', 'light', 1440],
    ['pass', 'dark', 390],
    ['undecided', 'dark', 1440],
    ['couldNotRun', 'light', 1440],
    ['hostile', 'light', 1440],
  ] as const)('%s, %s, %i wide', async (name, colorScheme, width) => {
    await using folder = await writeGolden(goldenRuns[name]());
    expect(await findings(await renderRun(folder.path), colorScheme, width)).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('the page of all results, %s', async (colorScheme) => {
    await using results = await mkdtempDisposable(join(tmpdir(), 'labrys-results-'));
    for (const name of goldenNames) {
      await using run = await writeGolden(goldenRuns[name]());
      await cp(run.path, join(results.path, name), { recursive: true });
    }
    expect(await findings(await renderResults(results.path), colorScheme, 1440)).toEqual([]);
  });

  async function findings(path: string, colorScheme: 'light' | 'dark', width: number): Promise<string[]> {
    // The page's own policy forbids foreign scripts, so only here is it set aside.
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    try {
      const page = await context.newPage();
      await page.goto(`file://${path}`);
      if ((await page.locator('#explorer').count()) > 0) await page.waitForSelector('#explorer[data-ready]');
      await page.addScriptTag({ content: axe });
      const found = await page.evaluate<Finding[]>(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then(({ violations }) => violations)`,
      );
      return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    } finally {
      await context.close();
    }
  }
});

import { readFileSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from './golden/chromium.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenRuns, writeGolden } from './golden/runs.ts';
import { renderRun } from './report.ts';

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
    const path = await renderRun(folder.path);
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
      const findings = await page.evaluate<Finding[]>(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then(({ violations }) => violations)`,
      );
      expect(findings.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    } finally {
      await context.close();
    }
  });
});

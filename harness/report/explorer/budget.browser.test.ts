import { statSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from '../golden/chromium.ts';
import { expect, test } from 'vitest';
import { makeLoad } from '../golden/load.ts';
import { pass, writeGolden } from '../golden/runs.ts';
import { renderRun } from '../report.ts';

const SECONDS = 60;

/**
 * What a report may weigh. Sizes are held to; times are printed and left to the reader, for on a busy machine they
 * tell more of the neighbours than of the page.
 */
test.skipIf(noChromium)(
  `a run of some 180,000 operations stays within its budget${unlessChromium}`,
  async () => {
    const faults = [
      { name: 'partition', what: 'n1 | n2 n3 n4 n5', nodes: ['n1'], from: 10, to: 16 },
      { name: 'kill', what: 'n2', nodes: ['n2'], from: 33, to: 37 },
    ];
    const size = { nodes: 5, clients: 48, keys: 256, seconds: SECONDS, perSecond: 4600 };
    const { events, operations } = makeLoad({ seed: 1, ...size, faults });
    expect(operations.length).toBeGreaterThan(170_000);
    await using run = await writeGolden({ ...pass(), events });
    const before = performance.now();
    const path = await renderRun(run.path);
    const drawing = performance.now() - before;

    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-sync'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
      await page.goto(`file://${path}`);
      await page.waitForSelector('#explorer[data-ready]');
      const ready = await figures();
      await page.locator('#explorer canvas').focus();
      for (let i = 0; i < 60; i++) await page.keyboard.press(['+', 'ArrowRight', '-'][i % 3] as string);
      const moved = await figures();
      const bytes = statSync(path).size;
      console.log(
        `${operations.length} operations: ${(bytes / 2 ** 20).toFixed(2)} MiB, drawn in ${Math.round(drawing)} ms; in the browser ${Math.round(ready.TaskDuration * 1000)} ms of main thread until ready, ${(((moved.TaskDuration - ready.TaskDuration) * 1000) / 60).toFixed(1)} ms a move`,
      );
      expect(bytes).toBeLessThan(2 * 2 ** 20);
      expect(moved.Nodes).toBeLessThan(1500);
      expect(moved.JSHeapUsedSize).toBeLessThan(60e6);

      async function figures(): Promise<{ TaskDuration: number; Nodes: number; JSHeapUsedSize: number }> {
        const { metrics } = await devtools.send('Performance.getMetrics');
        const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
        return { TaskDuration: of('TaskDuration'), Nodes: of('Nodes'), JSHeapUsedSize: of('JSHeapUsedSize') };
      }
    } finally {
      await browser.close();
    }
  },
);

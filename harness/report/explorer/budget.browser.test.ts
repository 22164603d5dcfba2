import { statSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from '../golden/chromium.ts';
import { expect, test } from 'vitest';
import { makeLoad } from '../golden/load.ts';
import { pass, writeGolden } from '../golden/runs.ts';
import { renderRun } from '../report.ts';

const faults = [
  { name: 'partition', what: 'n1 | n2 n3 n4 n5', nodes: ['n1'], from: 10, to: 16 },
  { name: 'kill', what: 'n2', nodes: ['n2'], from: 33, to: 37 },
];
const load = { seed: 1, nodes: 5, clients: 48, keys: 256, seconds: 60, faults };

interface Budget {
  readonly perSecond: number;
  readonly operations: number;
  readonly bytesEach: number;
  readonly heap: number;
}

const budgets: readonly Budget[] = [
  { perSecond: 5_800, operations: 200_000, bytesEach: 10, heap: 60e6 },
  { perSecond: 23_000, operations: 1_000_000, bytesEach: 9, heap: 160e6 },
];

test.skipIf(noChromium)(
  `a run of 300 faults has no more elements than a page may have${unlessChromium}`,
  async () => {
    const many = Array.from({ length: 300 }, (_, i) => {
      const node = `n${(i % 5) + 1}`;
      const from = 0.1 + i * 0.19;
      const elects = { node: `n${((i + 1) % 5) + 1}`, term: i + 4, deposes: { node, at: from + 0.1 } };
      return {
        name: ['pause', 'kill'][i % 2] as string,
        what: node,
        nodes: [node],
        from,
        to: from + 0.1,
        elects,
      };
    });
    const { events } = makeLoad({ ...load, faults: many, perSecond: 200 });
    await using run = await writeGolden({ ...pass(), events });
    const path = await renderRun(run.path);
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-sync'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(`file://${path}`);
      await page.waitForSelector('#explorer[data-ready]');
      const nodes = await page.evaluate<number>(
        `(() => { const walk = document.createTreeWalker(document); let n = 1; while (walk.nextNode()) n++; return n; })()`,
      );
      console.log(`300 faults: ${nodes} nodes`);
      expect(nodes).toBeLessThan(1500);
    } finally {
      await browser.close();
    }
  },
);

/**
 * What a report may weigh. Sizes are held to; times are printed and left to the reader, for on a busy machine they
 * tell more of the neighbours than of the page. They are of the page's main thread alone, in a browser that draws
 * without a graphics card.
 */
test.skipIf(noChromium).each(budgets)(
  `a run of more than $operations operations stays within its budget${unlessChromium}`,
  async ({ perSecond, operations: least, bytesEach, heap }) => {
    const { events, operations } = makeLoad({ ...load, clients: perSecond > 10_000 ? 384 : 48, perSecond });
    expect(operations.length).toBeGreaterThan(least);
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
      const painted = await page.evaluate<number>(
        `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
      );
      await page.locator('#explorer canvas').focus();
      for (let i = 0; i < 60; i++) await page.keyboard.press(['+', 'ArrowRight', '-'][i % 3] as string);
      const moved = await figures();
      const bytes = statSync(path).size;
      const moves = ((moved.TaskDuration - ready.TaskDuration) * 1000) / 60;
      const script = ((moved.ScriptDuration - ready.ScriptDuration) * 1000) / 60;
      console.log(
        [
          `${operations.length} operations: ${(bytes / 1e6).toFixed(2)} MB (${(bytes / operations.length).toFixed(1)} bytes each), drawn in ${Math.round(drawing)} ms`,
          `first paint after ${Math.round(painted)} ms, ${Math.round(ready.TaskDuration * 1000)} ms of main thread until ready`,
          `${moves.toFixed(1)} ms a move, ${script.toFixed(1)} of them script`,
          `heap ${(moved.JSHeapUsedSize / 1e6).toFixed(0)} MB, ${moved.Nodes} nodes`,
        ].join('; '),
      );
      expect(bytes).toBeLessThan(bytesEach * operations.length);
      expect(moved.Nodes).toBeLessThan(1500);
      expect(moved.JSHeapUsedSize).toBeLessThan(heap);

      async function figures(): Promise<
        Record<'TaskDuration' | 'ScriptDuration' | 'Nodes' | 'JSHeapUsedSize', number>
      > {
        const { metrics } = await devtools.send('Performance.getMetrics');
        const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
        return {
          TaskDuration: of('TaskDuration'),
          ScriptDuration: of('ScriptDuration'),
          Nodes: of('Nodes'),
          JSHeapUsedSize: of('JSHeapUsedSize'),
        };
      }
    } finally {
      await browser.close();
    }
  },
);

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from './golden/chromium.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenNames as names, goldenRuns as runs, writeGolden, type GoldenName } from './golden/runs.ts';
import { renderRun } from './report.ts';

const GROUND = 'getComputedStyle(document.body).backgroundColor';

describe.skipIf(noChromium)(`in a browser${unlessChromium}`, () => {
  let browser: Browser;
  const paths = new Map<string, string>();
  const folders = new AsyncDisposableStack();

  beforeAll(async () => {
    const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync', ...quiet],
    });
    for (const name of names)
      paths.set(name, await renderRun(folders.use(await writeGolden(runs[name]())).path));
  });
  afterAll(async () => {
    await browser.close();
    await folders.disposeAsync();
  });

  /** The page as a reader opens it, with everything that it asks for and complains of. */
  async function open(name: GoldenName, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
    await page.goto(`file://${paths.get(name)}`);
    return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  test.each(names)('%s: opens from a file with one request and no complaint', async (name) => {
    await using opened = await open(name);
    await opened.page.waitForTimeout(200);
    // The icon is in the page itself; a browser that lists it lists no other.
    expect(opened.requests.filter((url) => !url.startsWith('data:'))).toHaveLength(1);
    expect(opened.complaints).toEqual([]);
  });

  test.each([
    ['the usual screen', {}],
    ['no scripts', { javaScriptEnabled: false }],
    ['a phone', { viewport: { width: 390, height: 844 } }],
    ['dark', { colorScheme: 'dark' }],
  ] as const)('%s: the verdict, the figure and what to type can be read', async (_, options) => {
    await using opened = await open('staleRead', options);
    const { page } = opened;
    await expect(page.locator('h1').innerText()).resolves.toMatch(/read\s+x246\s+at 12\.343 s and got\s+14/);
    expect(await page.locator('#why svg:visible').count()).toBe(1);
    expect(await page.locator('#why svg:visible .op').count()).toBe(3);
    await expect(page.locator('.cmd').first().innerText()).resolves.toContain('--seed 4711');
  });

  test('the verdict and the figure of a violation are on the first screen', async () => {
    await using opened = await open('staleRead');
    const box = await opened.page.locator('#why .wide svg').boundingBox();
    expect(box && box.y + box.height).toBeLessThan(900);
  });

  test.each(names)('%s: nothing is wider than a phone', async (name) => {
    await using opened = await open(name, { viewport: { width: 390, height: 844 } });
    const width = await opened.page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
  });

  test.each(['staleRead', 'lostElement'] as const)(
    '%s: no two words of the figure lie upon each other, and none leaves it',
    async (name) => {
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 390, height: 844 },
      ]) {
        await using opened = await open(name, { viewport });
        expect(await overlaps(opened.page)).toEqual([]);
      }
    },
  );

  test('the reader may choose the colours, without a script', async () => {
    await using opened = await open('staleRead', { javaScriptEnabled: false });
    const { page } = opened;
    const ground = () => page.evaluate<string>(GROUND);
    const light = await ground();
    await page.locator('label[for=theme-dark]').click();
    expect(await ground()).not.toBe(light);
    await page.locator('label[for=theme-light]').click();
    expect(await ground()).toBe(light);
  });

  test('a command is copied at one press', async () => {
    await using opened = await open('staleRead', { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = opened;
    await page.locator('.cmd').first().hover();
    await page.locator('.cmd button').first().click();
    await page.locator('.cmd button', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(
      /^npx labrys test toykv .*50s$/,
    );
  });

  test('a CI server that forbids all scripts and styles still shows the verdict and a figure in colour', async () => {
    const content = await readFile(paths.get('staleRead') as string);
    const server = createServer((_, response) => {
      response.setHeader(
        'content-security-policy',
        "sandbox; default-src 'none'; img-src 'self'; style-src 'self'",
      );
      response.setHeader('content-type', 'text/html').end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await browser.newPage();
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await page.locator('h1').isVisible()).toBe(true);
      expect(await page.locator('#why svg:visible').count()).toBe(1);
      const fill = await page.evaluate<string>(
        `getComputedStyle(document.querySelector('#why .op.impossible rect:last-of-type')).fill`,
      );
      expect(fill).toBe('rgb(201, 37, 27)');
    } finally {
      await page.close();
      server.close();
    }
  });

  test('it prints on at most four sheets, on white', async () => {
    await using opened = await open('staleRead', { colorScheme: 'dark' });
    const pdf = (await opened.page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeLessThanOrEqual(4);
    await opened.page.emulateMedia({ media: 'print' });
    const ground = await opened.page.evaluate<string>(GROUND);
    expect(ground).toBe('rgb(244, 245, 247)');
  });
});

/** Pairs of visible labels of the figure whose boxes cross, and labels that stick out of it. */
async function overlaps(page: Page): Promise<string[]> {
  return page.locator('#why svg:visible').evaluate((svg) => {
    const frame = svg.getBoundingClientRect();
    const labels = [...svg.querySelectorAll('text')].map((label) => ({
      text: label.textContent,
      box: label.getBoundingClientRect(),
    }));
    const out = labels
      .filter(
        ({ box }) =>
          box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1,
      )
      .map(({ text }) => `${text} sticks out`);
    const crossing = labels.flatMap((a, i) =>
      labels
        .slice(i + 1)
        .filter(
          (b) =>
            Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 &&
            Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 3,
        )
        .map((b) => `${a.text} × ${b.text}`),
    );
    return [...out, ...crossing];
  });
}

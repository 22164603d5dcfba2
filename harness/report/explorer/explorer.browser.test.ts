import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonl, type History } from 'knossos-js';
import { chromium, type Browser, type Page } from 'playwright-core';
import { executablePath, noChromium, unlessChromium } from '../golden/chromium.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { staleRead, writeGolden, type TemporaryRun } from '../golden/runs.ts';
import { renderRun } from '../report.ts';

describe.skipIf(noChromium)(`the explorer${unlessChromium}`, () => {
  let browser: Browser;
  let folder: TemporaryRun;
  let path: string;
  let history: History;
  let page: Page;
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-sync'],
    });
    folder = await writeGolden(staleRead());
    await say(folder.path);
    path = await renderRun(folder.path);
    history = readJsonl(await readFile(join(folder.path, 'history.jsonl'))).history;
  });
  afterAll(async () => {
    await browser.close();
    await folder[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    requests.length = complaints.length = 0;
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await open('');
    return async () => page.close();
  });

  async function open(hash: string): Promise<void> {
    await page.goto(`about:blank`);
    await page.goto(`file://${path}${hash}`);
    await page.waitForSelector('#explorer[data-ready]');
    await drawn();
  }

  /** Whatever was asked for has been drawn after two frames. */
  async function drawn(): Promise<void> {
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  const detail = async () => (await page.locator('#explorer .detail').innerText()).replace(/\s+/g, ' ');
  const view = async () => page.locator('#explorer .bar .mono').innerText();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  test('it unpacks in the page, without a request, under the policy of the page', async () => {
    expect(requests.filter((url) => url.startsWith('file:'))).toHaveLength(1);
    expect(requests.filter((url) => !/^(file|data|about):/.test(url))).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await view()).toMatch(/^0\.000 s – 50\.\d+ s · 50\.0 s$/);
  });

  test('an anomaly is gone to: its operations are in view, the step that cannot be is selected', async () => {
    await press('anomaly 1');
    await drawn();
    expect(await detail()).toMatch(
      /read x246 → 14 stale read: .* called 12\.343000 s returned 12\.345000 s took 2\.0 ms during partition n1/,
    );
    const [, from, to] = /([\d.]+) s – ([\d.]+) s/.exec(await view()) ?? [];
    expect(Number(from)).toBeLessThan(12.138);
    expect(Number(to)).toBeGreaterThan(12.345);
  });

  test('a filter keeps what the history says it should', async () => {
    await page.fill('#explorer-filter', 'is:info f:write');
    const write = history.names.indexOf('write');
    const kept = history.outcome.filter((outcome, row) => outcome === 2 && history.f[row] === write).length;
    expect(kept).toBeGreaterThan(0);
    await expect(page.locator('#explorer output').innerText()).resolves.toBe(`${kept} match`);
    await page.fill('#explorer-filter', 'colour:red');
    await expect(page.locator('#explorer output').innerText()).resolves.toBe('what is colour:red?');
  });

  test('the keyboard is enough', async () => {
    await page.locator('#explorer canvas').focus();
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    await drawn();
    expect(await detail()).toContain('read x249 → 14');
    const near = await view();
    await page.keyboard.press('-');
    await drawn();
    expect(await view()).not.toBe(near);
    await page.keyboard.press('0');
    await drawn();
    expect(await view()).toMatch(/^0\.000 s/);
    await page.keyboard.press('/');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('explorer-filter');
  });

  test('a link leads to a view, and a view makes a link', async () => {
    const row = history.key.findIndex((key) => history.keys[key] === 'x246');
    await open(`#explore?t=9.2..9.6&by=key&op=${row}&filter=${encodeURIComponent('f:write')}`);
    expect(await view()).toBe('9.200 s – 9.600 s · 400 ms');
    expect(await detail()).toContain('write x246 14');
    await expect(page.locator('#explorer-filter').inputValue()).resolves.toBe('f:write');
    expect(await page.locator('#explorer [aria-pressed=true]').innerText()).toBe('by key');
    await press('Copy link');
    expect(page.url()).toMatch(
      new RegExp(`#explore\\?t=9\\.200000\\.\\.9\\.600000&by=key&op=${row}&filter=f%3Awrite$`),
    );
  });

  test('what is pointed at is named, pressed it is told of, and neighbours lead on', async () => {
    await open('#explore?t=12.13..12.16&filter=key:x246');
    const canvas = page.locator('#explorer canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('the canvas has no box');
    const x = box.x + 122 + ((12.1425 - 12.13) / 0.03) * (box.width - 122);
    let hit = '';
    for (let y = 0; y < box.height && hit === ''; y += 3) {
      await page.mouse.move(x, box.y + y);
      const hint = page.locator('#explorer .hint');
      if (!(await hint.isVisible()) || !(await hint.innerText()).includes('write x246 15')) continue;
      hit = await hint.innerText();
      await page.mouse.down();
      await page.mouse.up();
    }
    expect(hit).toMatch(/client 24 n5 · ok · 9\.0 ms/);
    await drawn();
    expect(await detail()).toContain('client 24 → n5');
    await page.locator('#explorer .near button').last().click();
    await drawn();
    expect(await detail()).toContain('read x246 → 14');
  });

  test('the page scrolls past it; only with the focus does the wheel zoom', async () => {
    const canvas = page.locator('#explorer canvas');
    await canvas.hover({ position: { x: 600, y: 300 } });
    const before = await view();
    await page.mouse.wheel(0, 200);
    await drawn();
    expect(await view()).toBe(before);
    await canvas.focus();
    await canvas.hover({ position: { x: 600, y: 300 } });
    await page.mouse.wheel(0, -200);
    await drawn();
    expect(await view()).not.toBe(before);
  });

  test('what nodes wrote around an operation stands beside it, its own node’s lines in bold', async () => {
    await press('anomaly 1');
    await drawn();
    const said = await detail();
    expect(said).toContain('What nodes wrote around it');
    expect(said).toContain('12.330 s n1 <b>still</b> leading');
    expect(said).not.toContain('long before');
    expect(await page.locator('#explorer .said b').allInnerTexts()).toEqual(['n1']);
    expect(await page.locator('#explorer .said .close').allInnerTexts()).toEqual([
      '12.330 s n1 <b>still</b> leading',
    ]);
  });

  test('messages are drawn between the nodes on demand, and a link asks for them', async () => {
    const canvas = page.locator('#explorer canvas');
    const height = async () => (await canvas.boundingBox())?.height ?? 0;
    const before = await height();
    await press('messages');
    await drawn();
    expect(await height()).toBeGreaterThan(before);
    await press('Copy link');
    expect(page.url()).toContain('messages=1');
    await canvas.focus();
    await page.keyboard.press('m');
    await drawn();
    expect(await height()).toBe(before);
    await open('#explore?t=12.1..12.5&messages=1');
    expect(await page.getByRole('button', { name: 'messages' }).getAttribute('aria-pressed')).toBe('true');
    expect(complaints).toEqual([]);
  });

  test('lanes with nothing to see are folded away, back again, and so by a link; what is gone to unfolds them', async () => {
    const canvas = page.locator('#explorer canvas');
    const height = async () => (await canvas.boundingBox())?.height ?? 0;
    await press('anomaly 1');
    await drawn();
    const all = await height();
    await press('fold lanes');
    await drawn();
    const few = await height();
    expect(few).toBeLessThan(all);
    await press('Copy link');
    expect(page.url()).toContain('focus=x246&fold=1');
    const link = page.url().slice(page.url().indexOf('#'));
    await open('');
    await open(link);
    expect(await height()).toBe(few);
    expect(await page.getByRole('button', { name: 'fold lanes' }).getAttribute('aria-pressed')).toBe('true');
    // The first of its neighbours was long before, by a client that is folded away.
    await page.locator('#explorer .near button').first().click();
    await drawn();
    expect(await height()).toBe(all);
    await canvas.focus();
    await page.keyboard.press('l');
    await page.keyboard.press('l');
    await drawn();
    expect(await height()).toBe(all);
    expect(complaints).toEqual([]);
  });

  test('what is in view can be read as a table, of which only what can be seen is there', async () => {
    await page.getByText('Operations in view, as a table').click();
    const summary = page.locator('#explorer summary');
    await summary.filter({ hasText: history.length.toLocaleString('en-US') }).waitFor();
    expect(await page.locator('#explorer .rows table').getAttribute('aria-rowcount')).toBe(
      String(history.length + 1),
    );
    expect(await page.locator('#explorer .rows tbody tr').count()).toBeLessThan(60);
    await page.fill('#explorer-filter', 'key:x246');
    const kept = history.key.filter((key) => history.keys[key] === 'x246').length;
    await summary.filter({ hasText: `: ${kept}` }).waitFor();
    await page.locator('#explorer .rows').getByRole('button', { name: 'read x246 → 14' }).click();
    await drawn();
    expect(await detail()).toContain('called 12.343000 s');
    await press('Copy link');
    expect(page.url()).toContain('table=1');
    expect(complaints).toEqual([]);
  });

  test('a stretch of time is measured by shift and drag, or from one operation to another, and is in the link', async () => {
    await open('#explore?t=12..13');
    const canvas = page.locator('#explorer canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('the canvas has no box');
    const at = (time: number) => box.x + 122 + (time - 12) * (box.width - 122);
    await page.keyboard.down('Shift');
    await page.mouse.move(at(12.2), box.y + 300);
    await page.mouse.down();
    await page.mouse.move(at(12.5), box.y + 320);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await press('Copy link');
    const [, from, to] = /dt=([\d.]+)\.\.([\d.]+)/.exec(page.url()) ?? [];
    expect(Number(from)).toBeCloseTo(12.2, 2);
    expect(Number(to)).toBeCloseTo(12.5, 2);
    const write = history.callTime.findIndex((time) => time === 12.138e9);
    const read = history.callTime.findIndex((time) => time === 12.343e9);
    await open(`#explore?op=${write}`);
    await canvas.focus();
    await page.keyboard.press('r');
    await page.evaluate(`location.hash = '#explore?op=${read}'`);
    await drawn();
    await canvas.focus();
    await page.keyboard.press('r');
    await press('Copy link');
    expect(page.url()).toContain('dt=12.147000..12.343000');
    await canvas.focus();
    await page.keyboard.press('Escape');
    await press('Copy link');
    expect(page.url()).not.toContain('dt=');
  });

  test('on a phone it is no wider than the phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await drawn();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  });
});

/** Nodes that wrote, and sent each other something, as a run has it in its folder. */
async function say(folder: string): Promise<void> {
  const lines = ['long before', '<b>still</b> leading'];
  const times = [1, 12.33].map((at, i) => ({
    time: at * 1e9,
    stdout: lines.slice(0, i + 1).reduce((sum, line) => sum + line.length + 1, 0),
    stderr: 0,
  }));
  await mkdir(join(folder, 'nodes', 'n1'), { recursive: true });
  await writeFile(join(folder, 'nodes', 'n1', 'stdout.log'), lines.map((line) => `${line}\n`).join(''));
  await writeFile(
    join(folder, 'nodes', 'n1', 'times.jsonl'),
    times.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  const messages = Array.from({ length: 40 }, (_, i) => ({
    from: 'n1',
    to: 'n2',
    name: 'append',
    term: 4,
    sent: 12.2e9 + i * 5e6,
    ...(i % 4 > 0 && { arrived: 12.2e9 + i * 5e6 + 2e6 }),
  }));
  await writeFile(
    join(folder, 'messages.jsonl'),
    messages.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
}

import { readFile } from 'node:fs/promises';
import { checkListAppend, tabulate, transactionsOf, type HistoryEvent, type Mark } from 'knossos-js';
import { expect, test } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import type { DrawnOperation } from '../record/result.ts';
import { drawnIn, elementsOf, textOf } from './golden/parse.ts';
import {
  goldenNames as names,
  goldenRuns as runs,
  writeGolden,
  type GoldenName,
  type GoldenRun,
} from './golden/runs.ts';
import { replay, type Semantics } from './replay.ts';
import { renderRun } from './report.ts';
import { semanticsOf } from './semantics.ts';
import { CAUTION } from './sentence.ts';

const drawnOnce = new Map<GoldenName, Promise<string>>();

function pageOf(name: GoldenName): Promise<string> {
  const page = drawnOnce.get(name) ?? drawn(runs[name]());
  drawnOnce.set(name, page);
  return page;
}

async function drawn(run: GoldenRun): Promise<string> {
  await using folder = await writeGolden(run);
  return await readFile(await renderRun(folder.path), 'utf8');
}

const squeezed = (some: string) => some.replace(/\s+/g, '');

const byId = (a: DrawnOperation, b: DrawnOperation) => a.id - b.id;

test.each(['staleRead', 'lostElement', 'staleness', 'hostile'] as const)(
  '%s: what is drawn is the counterexample of result.json, and impossible by itself',
  async (name) => {
    const shown = drawnIn(await pageOf(name));
    expect(shown.toSorted(byId)).toEqual(runs[name]().result.counterexample?.operations.toSorted(byId));
    expect(replay(shown, semanticsOf(shown) as Semantics)?.impossible).toBeDefined();
    expect(names.filter((one) => runs[one]().result.counterexample !== undefined)).toHaveLength(5);
  },
);

test('a circle of transactions is drawn whole, with a reason for each arrow, and is impossible by itself', async () => {
  const page = await pageOf('longFork');
  const { counterexample } = runs.longFork().result;
  const shown = drawnIn(page);
  expect(shown.toSorted(byId)).toEqual(counterexample?.operations.toSorted(byId));
  const text = textOf(page);
  for (const { from, to, because } of counterexample?.anomaly.cycle ?? []) {
    expect(text).toContain(`T${from} → T${to}`);
    expect(text.toLowerCase()).toContain(because.toLowerCase());
  }
  expect(text).toContain('would have to come before itself');
  expect(text).toContain('✗ snapshot isolation');
  expect(text).toContain('✓ read committed');
  expect(text).toContain('forbidden by snapshot isolation');
  const events = shown.flatMap(({ process, f, input, output, call, return: end }) => [
    { time: call, process, type: 'invoke' as const, f, value: input },
    { time: end as number, process, type: 'ok' as const, f, value: output },
  ]);
  const { history } = tabulate(
    events.toSorted((a, b) => a.time - b.time).map((event, index) => ({ index, ...event })),
  );
  expect(checkListAppend(transactionsOf(history), { level: 'serializable' }).valid).toBe(false);
});

test.each(names.slice(0, -1))(
  '%s: the sentence, the promises and the evidence are all there',
  async (name) => {
    const text = textOf(await pageOf(name));
    const { result } = runs[name]();
    expect(squeezed(text)).toContain(squeezed(result.sentence.replace(CAUTION, '')));
    for (const { checker } of result.checks) expect(text).toContain(checker);
    for (const { what, seen, required } of result.evidence)
      for (const cell of [what, seen, required]) expect(text).toContain(cell);
    expect(text).toContain(result.reproduce);
  },
);

test('a violation shows when, how far apart, under what, and what to type', async () => {
  const text = textOf(await pageOf('staleRead'));
  for (const fact of [
    'Not linearizable',
    '196 ms later',
    'n1 answered, 2.14 s into partition n1 | n2 n3 n4 n5.',
    'Client 5 reads x246 from n1 and gets 14 , the value of client 33’s write that completed at 9.395.',
    'From here on x246 can be only 15.',
    'Seen: n3 leads in term 4.',
    'only 15, until the next write',
    '✗ 2 of 256 keys',
    'npx labrys check results/2026-11-21T02-14-07-toykv-register-4711',
  ])
    expect(text).toContain(fact);
});

test('a pass does not claim that there is nothing to find', async () => {
  const text = textOf(await pageOf('pass'));
  expect(text.split('It does not prove that none exists.')).toHaveLength(2);
  expect(text).not.toContain('Why this is impossible');
});

test('what is missing for a pass is marked as missing', async () => {
  const text = textOf(await pageOf('undecided'));
  expect(text).toContain('a compare-and-set was refused never at least once ✗ no');
  expect(text).toContain('? linearizable');
});

test('hostile text adds no element and no attribute, and none of it moves the text around it', async () => {
  const page = await pageOf('hostile');
  const known = new Set([...elementsOf(await pageOf('staleRead')), 'br', 'pre']);
  expect([...elementsOf(page)].filter((name) => !known.has(name))).toEqual([]);
  expect(page).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\son\w+=/);
  expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(page).not.toContain('href="javascript:');
  expect(textOf(page)).toContain('<img src=x onerror="alert(1)">\\u202eevil\\x07\\x1b[31m');
});

test.each(names)('%s: nothing is asked of any other file or host', async (name) => {
  const page = await pageOf(name);
  expect(page).toContain(`content="default-src &#39;none&#39;;`);
  expect(page).not.toMatch(/<(link[^>]*rel="stylesheet|iframe|object|embed|base|form)/);
  for (const [, where] of page.matchAll(/(?:src|href)="([^"]*)"/g))
    expect(where).toMatch(/^(#|\.\/[\w./-]+$|data:image\/svg\+xml,)/);
  const data = [...page.matchAll(/<template\s[\s\S]*?<\/template\s*>/g)].join('').length;
  expect(Buffer.byteLength(page) - data).toBeLessThan(200_000);
  expect(data).toBeLessThan(20_000 + 9.5 * runs[name]().result.metrics.operations);
});

test('every colour of a picture has its value behind it, for where styles are forbidden', async () => {
  for (const [, colour] of (await pageOf('staleRead')).matchAll(/(?:fill|stroke)="([^"]*)"/g))
    expect(colour).toMatch(/^(none|url\(#[a-z-]+\)|#[0-9a-f]{6}|var\(--[a-z0-9-]+,#[0-9a-f]{6}\))$/);
});

const mark = (index: number, seconds: number, name: string, rest: Partial<Mark>): Mark => ({
  index,
  time: seconds * 1e9,
  type: 'mark',
  name,
  what: name,
  ...rest,
});

const read = (index: number, type: 'invoke' | 'ok', node: string, process = 0): HistoryEvent => ({
  index,
  time: index * 1e6,
  process,
  node,
  type,
  f: 'read',
  key: 'x',
});

test('of many faults the first are shown, and the rest is folded away, none left out', async () => {
  const strikes = Array.from({ length: 40 }, (_, i) =>
    mark(i + 2, i + 1, 'fault', {
      what: `kill n${i + 1}`,
      details: { fault: 'kill', evidence: { outcome: 'confirmed', how: 'it is dead' } },
      nodes: ['n1'],
    }),
  );
  const page = await pageWith([read(0, 'invoke', 'n1'), read(1, 'ok', 'n1'), ...strikes]);
  const [before, after] = page.slice(page.indexOf('id="faults"')).split('<details class="more">');
  expect(before?.match(/<b>kill n\d+<\/b>/g)).toHaveLength(12);
  expect(after?.match(/^.*kill n\d+ .*✓ confirmed/gm)).toHaveLength(28);
  expect(textOf(page)).toContain('28 more faults');
});

test('what was measured is drawn, bar by bar', async () => {
  const text = textOf(await pageOf('staleness'));
  const [versions] = runs.staleness().result.checks[0]?.histograms ?? [];
  expect(versions?.bars.length).toBeGreaterThan(2);
  const bars = (versions?.bars ?? []).map(({ upTo, count }) => `${upTo === 0 ? '0' : `≤ ${upTo}`} ${count}`);
  expect(squeezed(text)).toContain(squeezed(`reads by versions behind versions; 3-atomic ${bars.join(' ')}`));
});

test('what nobody had planned is told: a node that died, with its last words, and a slow harness', async () => {
  const lastLines = ['panic: <index> out of range'];
  const page = await pageWith([
    read(0, 'invoke', 'n1'),
    read(1, 'ok', 'n1'),
    mark(2, 1, 'crash', {
      what: 'n2 died, and no fault had killed it',
      nodes: ['n2'],
      details: { lastLines },
    }),
    mark(3, 2, 'coarse', { what: 'the event loop was up to 312 ms late' }),
  ]);
  const text = textOf(page);
  expect(text).toContain('1.000 s ! n2 died, and no fault had killed it panic: <index> out of range');
  expect(text).toContain('the event loop was up to 312 ms late');
});

test('a fault that found nothing to do is listed as that, and shades nothing', async () => {
  const evidence = { outcome: 'skipped', because: 'nobody leads' };
  const details = { fault: 'kill', variant: 'leader', evidence };
  const page = await pageWith([
    read(0, 'invoke', 'n1'),
    read(1, 'ok', 'n1'),
    mark(2, 0.5, 'skipped', { what: 'kill leader: nobody leads', details }),
  ]);
  expect(textOf(page)).toContain('kill leader 0.500 s – ? found nothing to do: nobody leads');
  expect(page).not.toContain('<g class="fault">');
});

test('one operation that never returned is a run too', async () => {
  expect(textOf(await pageWith([read(0, 'invoke', 'n1')]))).toContain('1 operation · 48 clients');
});

test('sixty-four nodes leave room for everything else', async () => {
  const nodes = Array.from({ length: 64 }, (_, i) => `n${i + 1}`);
  const events = nodes.flatMap((node, i) => [
    read(3 * i, 'invoke', node, i),
    read(3 * i + 1, 'ok', node, i),
    mark(3 * i + 2, 0.01, 'role', { nodes: [node], details: { role: 'leader', term: i } }),
  ]);
  const page = await pageWith(events, { nodes });
  expect(textOf(page)).toContain('n1 n2 n3');
  expect(page).not.toContain('<g class="node">');
});

async function pageWith(events: readonly (HistoryEvent | Mark)[], plan: Partial<Plan> = {}): Promise<string> {
  const base = runs.pass();
  const run = { ...base, events, plan: { ...base.plan, ...plan } };
  return drawn(run);
}

import { appendFile, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunVerdict } from '../../record/result.ts';
import { textOf } from '../golden/parse.ts';
import * as golden from '../golden/runs.ts';
import { renderResults } from '../results-page.ts';
import { campaignOf, type Change } from './nights.ts';
import { headlineOf } from './tonight.ts';
import { addToTrend, readTrend, TREND, trendLine, type TrendLine } from './trend.ts';

const base = trendLine(golden.pass().plan, golden.pass().result);
const day = (n: number) => `2026-10-${String(n).padStart(2, '0')}`;

/** A test over the nights, a letter each: pass, violation, undecided, could not run; a dot where it did not run. */
function nights(letters: string, more: Partial<TrendLine> = {}): TrendLine[] {
  const verdicts: Readonly<Record<string, RunVerdict>> = {
    p: 'pass',
    v: 'violation',
    u: 'undecided',
    c: 'could-not-run',
  };
  return [...letters].flatMap((letter, i) => {
    const verdict = verdicts[letter];
    const night = day(i + 1);
    return verdict === undefined
      ? []
      : [{ ...base, run: `${night}T02-00-00-${more.test ?? 'x'}-${i}`, night, verdict, ...more }];
  });
}

/** Another test, that keeps every night going. */
const others = (length: number) => nights('p'.repeat(length), { test: 'other' });

test.each<readonly [letters: string, change: Change | undefined]>([
  ['ppp', undefined],
  ['ppv', { kind: 'new' }],
  ['v', { kind: 'new' }],
  ['pvv', { kind: 'still', nights: 2 }],
  ['vv.v', { kind: 'still', nights: 3 }],
  ['pvp', { kind: 'fixed' }],
  ['pvu', { kind: 'undecided' }],
  ['vpc', { kind: 'could-not-run' }],
  ['pp.', { kind: 'not run' }],
  ['p..', undefined],
  ['vvpp', undefined],
])('after the nights %s the change is %o', (letters, change) => {
  const { tests } = campaignOf([...nights(letters, { test: 'mine' }), ...others(letters.length)]);
  expect(tests.find(({ test: name }) => name === 'mine')?.change).toEqual(change);
});

test.each<readonly [letters: string, change: Change | undefined]>([
  ['vv', undefined],
  ['vp', { kind: 'missed' }],
  ['vu', { kind: 'missed' }],
  ['vc', { kind: 'could-not-run' }],
])('with a planted bug, the nights %s mean %o', (letters, change) => {
  expect(campaignOf(nights(letters, { bug: 'stale-read' })).tests[0]?.change).toEqual(change);
});

test('of several seeds in a night the worst counts, and of a planted bug it is enough that one finds it', () => {
  const seeds = (bug?: string) =>
    ['p', 'v', 'p'].flatMap((letter, i) =>
      nights(letter, { run: `${day(1)}T0${i}`, ...(bug !== undefined && { bug }) }),
    );
  expect(campaignOf(seeds()).tests[0]?.nights[0]?.outcome).toBe('violation');
  expect(campaignOf(seeds('stale-read')).tests[0]?.nights[0]?.outcome).toBe('found');
});

test('what needs somebody stands first', () => {
  const { tests } = campaignOf([
    ...nights('pp', { test: 'a' }),
    ...nights('vv', { test: 'b' }),
    ...nights('pu', { test: 'c' }),
    ...nights('pv', { test: 'd' }),
    ...nights('vp', { test: 'e' }),
  ]);
  expect(tests.map(({ test: name }) => name).join('')).toBe('dbcea');
});

test('the headline says the most urgent thing', () => {
  const says = (...letters: string[]) =>
    headlineOf(campaignOf(letters.flatMap((of, i) => nights(of, { test: `t${i}` })))).says;
  expect(says('pv', 'vv')).toBe('1 new violation: toykv · register broke its promise');
  expect(says('pv', 'pv')).toBe('2 new violations');
  expect(says('vv')).toBe('No new violation; 1 known one left: toykv · register');
  expect(says('pu', 'pp')).toBe('No violation, but 1 test of 2 came to no verdict');
  expect(says('pp', 'pp')).toBe('All 2 tests came out as they should');
  expect(says()).toBe('No runs yet');
});

/** Ten quiet nights, and what came then. */
function latencies(...then: readonly number[]): Change | undefined {
  const quiet = [20, 21, 19, 20, 22, 20, 19, 21, 20, 20];
  return campaignOf([...quiet, ...then].flatMap((p99Ms, i) => nights(`${'.'.repeat(i)}p`, { p99Ms })))
    .tests[0]?.change;
}

test('slower is said of two nights in a row, or of one that is far out, and never of noise', () => {
  expect(latencies(24)).toBeUndefined();
  expect(latencies(45)).toBeUndefined();
  expect(latencies(45, 46)).toEqual({
    kind: 'slower',
    what: 'p99 latency 46 ms; 19 ms–22 ms on the 10 nights before',
  });
  expect(latencies(90)).toEqual({
    kind: 'slower',
    what: 'p99 latency 90 ms; 19 ms–22 ms on the 10 nights before',
  });
  expect(latencies(45, 20)).toBeUndefined();
});

test('another machine begins a new baseline', () => {
  const before = Array.from({ length: 10 }, (_, i) =>
    nights(`${'.'.repeat(i)}p`, { p99Ms: 20, machine: 'old' }),
  );
  const now = nights(`${'.'.repeat(10)}p`, { p99Ms: 200, machine: 'new' });
  expect(campaignOf([...before.flat(), ...now]).tests[0]?.change).toBeUndefined();
});

test('violations of the same kind have the same signature, whatever key and client showed it', () => {
  const { plan, result } = golden.staleRead();
  const { counterexample } = result;
  if (counterexample === undefined) throw new Error('a stale read has a counterexample');
  const elsewhere = counterexample.operations.map((of) => ({
    ...of,
    key: 'y',
    process: of.process + 9,
    call: of.call + 1,
  }));
  const signature = (of: Partial<typeof counterexample>) =>
    trendLine(plan, { ...result, counterexample: { ...counterexample, ...of } }).signature;
  expect(signature({ operations: elsewhere })).toBe(signature({}));
  expect(signature({ operations: elsewhere.slice(1) })).not.toBe(signature({}));
  expect(trendLine(golden.pass().plan, golden.pass().result).signature).toBeUndefined();
});

test('the trend outlives the runs; a torn line costs itself, and a run that was judged again counts once', async () => {
  await using results = await mkdtempDisposable(join(tmpdir(), 'labrys-trend-'));
  const { plan, result } = golden.pass();
  await addToTrend(results.path, plan, result);
  await appendFile(join(results.path, TREND), '{"format":"labrys/tr\n');
  await addToTrend(results.path, plan, { ...result, verdict: 'undecided' });
  expect((await readTrend(results.path)).map(({ verdict }) => verdict)).toEqual(['undecided']);
  const page = textOf(await readFile(await renderResults(results.path), 'utf8'));
  expect(page).toContain('No violation, but 1 test of 1 came to no verdict');
  expect(page).toContain('toykv · register');
});

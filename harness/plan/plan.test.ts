import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnvironmentError, UsageError } from '../errors.ts';
import { drawPlan } from './draw.ts';
import { readPlan, writePlan } from './files.ts';
import { parseDuration, parseNemesis, parseRate, printDuration } from './parse.ts';
import type { PlanRequest } from './request.ts';
import { runId } from './run-id.ts';
import { problemsOfPlan } from './validate.ts';

const request: PlanRequest = {
  now: new Date('2026-11-21T02:14:07.123Z'),
  seed: 7,
  system: { asked: 'etcd', name: 'etcd' },
  options: { reads: 'linearizable' },
  askedOptions: {},
  workload: { name: 'register', options: { keys: 10 }, final: true },
  runtime: 'docker',
  faults: [
    { name: 'partition', variants: ['halves', 'one', 'bridge'] },
    { name: 'kill', variants: ['one', 'leader'], variant: 'leader' },
  ],
  roles: ['leader'],
  ms: 60_000,
  versions: { labrys: '0.1.0' },
};

const anyRequest = fc
  .record({
    seed: fc.nat(),
    ms: fc.integer({ min: 1000, max: 300_000 }),
    faults: fc.subarray([...request.faults, { name: 'pause', variants: ['one', 'all'] }]),
    roles: fc.subarray(['leader', 'candidate']),
  })
  .map((some) => ({ ...request, ...some }));

test('a plan is decided by what was asked and the seed, and survives being written down', () => {
  fc.assert(
    fc.property(anyRequest, (asked) => {
      const plan = drawPlan(asked);
      expect(drawPlan(asked)).toEqual(plan);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      expect(problemsOfPlan(plan)).toEqual([]);
    }),
  );
});

test('where nobody leads, no strike is at the leader, unless it was asked for', () => {
  const faults = [{ name: 'kill', variants: ['one', 'leader'] }];
  const struck = (roles: string[], kinds = faults) =>
    new Set(drawPlan({ ...request, faults: kinds, roles }).strikes.map(({ variant }) => variant));
  expect(struck(['leader'])).toEqual(new Set(['one', 'leader']));
  expect(struck([])).toEqual(new Set(['one']));
  expect(struck([], [{ name: 'kill', variants: ['leader'] }])).toEqual(new Set(['leader']));
});

test('faults strike after a quiet beginning, are over before a quiet end, and never more than three at once', () => {
  fc.assert(
    fc.property(anyRequest, (asked) => {
      const { strikes } = drawPlan(asked);
      expect(strikes.length > 0).toBe(asked.faults.length > 0);
      const end = asked.ms - Math.min(5000, asked.ms * 0.25);
      for (const { atMs, lastingMs, fault, variant } of strikes) {
        expect(atMs).toBeGreaterThanOrEqual(Math.floor(Math.min(3000, asked.ms * 0.15)));
        expect(lastingMs).toBeGreaterThanOrEqual(20);
        expect(atMs + lastingMs).toBeLessThanOrEqual(end + 1);
        const { variants, variant: wanted } = asked.faults.find(({ name }) => name === fault)!;
        expect(wanted === undefined ? variants : [wanted]).toContain(variant);
        expect(
          strikes.filter((it) => it.atMs < atMs && it.atMs + it.lastingMs > atMs + 1).length,
        ).toBeLessThan(3);
      }
      expect(strikes.map(({ number }) => number)).toEqual(strikes.map((_, i) => i));
    }),
  );
});

test('in a minute, every fault strikes, some overlap, and some are aimed', () => {
  const plans = Array.from({ length: 50 }, (_, seed) => drawPlan({ ...request, seed }));
  for (const { strikes } of plans)
    expect(new Set(strikes.map(({ fault }) => fault))).toEqual(new Set(['partition', 'kill']));
  const all = plans.flatMap(({ strikes }) => strikes);
  expect(all.some(({ aim }) => aim?.role === 'leader')).toBe(true);
  const overlaps = plans.filter(({ strikes }) =>
    strikes.some((it, i) => strikes.slice(0, i).some((other) => other.atMs + other.lastingMs > it.atMs)),
  );
  expect(overlaps.length).toBeGreaterThan(30);
});

test('every minute has occasions enough for what takes elections, and for what takes a memory', () => {
  const targets = ['one', 'minority', 'majority', 'all', 'leader'];
  const faults = [
    { name: 'partition', variants: ['halves', 'one', 'bridge', 'leader'] },
    { name: 'kill', variants: targets, kills: true },
    { name: 'pause', variants: targets },
  ];
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { strikes } = drawPlan({ ...request, seed, faults });
      const deposed = strikes.filter(({ variant, lastingMs }) => variant === 'leader' && lastingMs > 200);
      expect(deposed.length).toBeGreaterThanOrEqual(5);
      const killed = strikes.filter(({ others }) => others);
      expect(killed.length).toBeGreaterThanOrEqual(4);
      for (const { fault, variant, atMs, lastingMs } of killed) {
        expect([fault, variant]).toEqual(['kill', 'majority']);
        // One is out meanwhile, and comes back when they have gone on without it.
        const out = strikes.find(
          (it) => it.variant === 'one' && it.atMs < atMs && it.atMs + it.lastingMs > atMs,
        );
        expect(out?.fault).toMatch(/^(partition|pause)$/);
        expect((out?.atMs ?? 0) + (out?.lastingMs ?? 0)).toBeGreaterThan(atMs + lastingMs);
      }
    }),
  );
});

test('a line repeats what was asked, in words that a shell leaves alone', () => {
  expect(drawPlan(request).again).toBe(
    'npx labrys test etcd -w register --nemesis partition,kill:leader --time 60s --runtime docker --seed 7',
  );
  const odd = drawPlan({
    ...request,
    system: { asked: "./it's mine.ts", name: 'mine' },
    askedOptions: { reads: 'serial' },
    faults: [],
    nodes: 5,
    rate: 'max',
    bug: 'stale-read',
  });
  expect(odd.again).toBe(
    `npx labrys test './it'\\''s mine.ts' -w register --time 60s --runtime docker --nodes 5 --rate max --option reads=serial --bug stale-read --seed 7`,
  );
  expect(odd.nodes).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  expect(odd.phases[0]).toEqual({ name: 'main', seconds: 60, weather: 'healthy' });
  expect(odd.requires.operationsDuringFaults).toBe(0);
});

test('the name of a run is fit for a folder and a container', () => {
  expect(runId(request.now, 'etcd', 'register', 7)).toBe('2026-11-21T02-14-07-etcd-register-7');
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (system, workload, seed) => {
      expect(runId(request.now, system, workload, seed)).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,56}$/);
    }),
  );
});

test('a plan is read back as it was written, and never written over: the next of its name has another', () => {
  const results = mkdtempSync(join(tmpdir(), 'labrys-plan-'));
  const plan = drawPlan(request);
  const { folder, plan: written } = writePlan(join(results, 'new'), plan);
  expect(folder).toBe(join(results, 'new', plan.run));
  expect(written).toEqual(plan);
  expect(readPlan(folder)).toEqual(plan);
  for (const run of [`${plan.run}-2`, `${plan.run}-3`]) {
    const next = writePlan(join(results, 'new'), plan);
    expect(next).toEqual({ folder: join(results, 'new', run), plan: { ...plan, run } });
    expect(readPlan(next.folder)).toEqual(next.plan);
    expect(readPlan(folder)).toEqual(plan);
  }
  writeFileSync(join(results, 'file'), '');
  expect(() => writePlan(join(results, 'file'), plan)).toThrow(EnvironmentError);
  expect(() => readPlan(results)).toThrow('it has no plan.json');
  writeFileSync(join(folder, 'plan.json'), '{"format":');
  expect(() => readPlan(folder)).toThrow(UsageError);
  rmSync(results, { recursive: true });
});

test('everything that is wrong with a plan is said at once, and where', () => {
  const plan = drawPlan(request);
  const broken = {
    ...plan,
    clients: 0,
    runtime: 'vm',
    nodes: ['n1', 'n1'],
    strikes: [{ ...plan.strikes[0], atMs: -1 }],
    check: null,
  };
  expect(problemsOfPlan(broken)).toEqual([
    'runtime: should be local or docker or ssh or sim, and is "vm"',
    'nodes: should be a list of names, each once, and is ["n1","n1"]',
    'clients: should be a whole number from 1, and is 0',
    'strikes[0].atMs: should be a number from 0, and is -1',
    'check: should be an object, and is null',
  ]);
  expect(problemsOfPlan({ ...plan, phases: [] })).toEqual([
    'phases: should begin with main',
    'phases[0].weather: should be faulty, because there are strikes',
  ]);
  expect(problemsOfPlan({ ...plan, format: 'labrys/plan@2' })).toEqual([
    'format: "labrys/plan@2" was written by another version; this one reads labrys/plan@1',
  ]);
  expect(problemsOfPlan(null)).toEqual(['it: should be an object, and is null']);
});

test('durations, rates and faults are read as people write them', () => {
  expect(['60s', '500ms', '1.5m', '2h'].map((text) => parseDuration(text))).toEqual([
    60_000, 500, 90_000, 7_200_000,
  ]);
  expect([60_000, 500, 90_000, 7_200_000].map(printDuration)).toEqual(['60s', '500ms', '90s', '7200s']);
  for (const wrong of ['60', '', '0s', '-1s', '1 day', '1e9h'])
    expect(() => parseDuration(wrong)).toThrow(UsageError);
  expect([parseRate('200'), parseRate('max')]).toEqual([200, 'max']);
  for (const wrong of ['0', '-1', 'fast', '']) expect(() => parseRate(wrong)).toThrow(UsageError);
  expect(parseNemesis('partition:halves, kill, pause:@view-service')).toEqual([
    { name: 'partition', variant: 'halves' },
    { name: 'kill' },
    { name: 'pause', variant: '@view-service' },
  ]);
  expect(parseNemesis('./my-faults/slow.ts:one,/tmp/x.mjs')).toEqual([
    { name: './my-faults/slow.ts', variant: 'one' },
    { name: '/tmp/x.mjs' },
  ]);
  expect(parseNemesis('none')).toEqual([]);
  for (const wrong of ['', 'kill,', 'kill:', 'kill:@', 'a b'])
    expect(() => parseNemesis(wrong)).toThrow(UsageError);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { casRegister, linearizable, readJsonl, type Operations } from 'knossos-js';
import { afterAll, expect, test } from 'vitest';
import raft from '../../docker/raft/system.ts';
import kill from '../../nemesis/kill.ts';
import partition from '../../nemesis/partition.ts';
import pause from '../../nemesis/pause.ts';
import register from '../../workloads/register.ts';
import { drawPlan } from '../plan/draw.ts';
import { memoryRecorder } from '../record/recorder.ts';
import type { Fault } from '../fault.ts';
import type { Settings } from '../system.ts';
import type { Workload } from '../workload.ts';
import { drive } from './drive.ts';

/** The whole of a run but for the judge, with the real workload, the real faults and a real protocol. */
const folder = mkdtempSync(join(tmpdir(), 'labrys-simulated-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function simulated(
  seed: number,
  bug?: string,
  faults: readonly (Fault & { readonly variant?: string })[] = [partition, kill, pause],
) {
  const settings: Settings = { options: {}, bug, runtime: 'sim' };
  const world = raft.simulation?.(seed, settings);
  if (!world) throw new Error('raft is simulated no more');
  const { time, runtime, run } = world;
  const plan = drawPlan({
    now: new Date(0),
    seed,
    system: { asked: 'raft', name: 'raft' },
    options: {},
    workload: { name: 'register', options: { ...register.defaults }, final: true },
    runtime: 'sim',
    faults,
    roles: ['leader'],
    ms: 20_000,
    versions: {},
  });
  const recorder = memoryRecorder(time);
  const { signal } = new AbortController();
  const blueprint = { run: plan.run, folder, nodes: plan.nodes, ports: raft.ports, log: () => {} };
  const summary = await run(async () => {
    await using cluster = await runtime.provision(
      { ...blueprint, recipe: (self, members) => raft.recipe(self, members, settings) },
      signal,
    );
    return await drive({
      plan,
      system: raft,
      settings,
      // The driver takes any workload, and hands each client only operations of the one that it was bound to.
      workload: register as unknown as Workload<Operations, Record<string, unknown>>,
      faults,
      cluster,
      time,
      recorder,
      log: () => {},
      signal,
    });
  });
  return { summary, text: recorder.text() };
}

async function isLinearizable(text: string): Promise<boolean | 'unknown'> {
  const now = (): number => performance.now();
  const { history } = readJsonl(text);
  const checker = linearizable<Operations, unknown, Operations>(casRegister as never);
  return (await checker.check(history, { deadline: now() + 20_000, now, memoryBytes: 2 ** 28 })).valid;
}

test('the same seed leaves the same bytes in the simulation', async () => {
  const [first, second, other] = [await simulated(1), await simulated(1), await simulated(2)];
  expect(second.text).toBe(first.text);
  expect(other.text).not.toBe(first.text);
  expect(first.summary).toMatchObject({ interrupted: false, crashes: [] });
  expect(first.summary.failure).toBeUndefined();
  expect(first.summary.strikes.confirmed).toBeGreaterThan(0);
  expect(first.summary.operations.ok).toBeGreaterThan(500);
});

test('Raft is not accused, and Raft that answers stale reads is', async () => {
  for (const seed of [1, 2, 3])
    expect([seed, await isLinearizable((await simulated(seed)).text)]).toEqual([seed, true]);
  for (let seed = 1; seed <= 12; seed++)
    if ((await isLinearizable((await simulated(seed, 'stale-read')).text)) === false) return;
  expect.unreachable('twelve runs, and nobody noticed');
});

test('who is aimed at by a role is whoever has it, as the nodes say', async () => {
  const { text, summary } = await simulated(3, undefined, [{ ...pause, variant: '@follower' }]);
  expect(summary.strikes.confirmed).toBeGreaterThan(2);
  const { marks } = readJsonl(text);
  const leading = new Set<string>();
  let led = 0;
  for (const { name, nodes = [], details } of marks) {
    const [node = ''] = nodes;
    if (name === 'role') leading[details?.['role'] === 'leader' ? 'add' : 'delete'](node);
    if (name === 'fault') expect(leading.has(node)).toBe(false);
    if (name === 'fault' && leading.size > 0) led++;
  }
  expect(led).toBeGreaterThan(2);
});

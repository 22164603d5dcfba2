import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../harness/record/result.ts';
import { seeded } from '../../harness/random.ts';
import { footprint, labrys, noNamespaces, scratch, start, unless } from './labrys.ts';

const driven = ['test', 'raft', '--nemesis', 'partition,pause', '--time', '30s', '--seed', '2'];
const folderIn = (results: string): string => join(results, readdirSync(results)[0] as string);

describe.skipIf(noNamespaces)(unless(noNamespaces, 'when a run is cut short'), () => {
  test('Ctrl-C once judges what was recorded, and leaves nothing', async () => {
    using results = scratch();
    const before = footprint(results.path);
    const running = start([...driven, '--json', '--results', results.path]);
    await running.said(/main/);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    running.process.kill('SIGINT');
    const { code, stdout } = await running.finished;
    const result = JSON.parse(stdout) as Result;
    expect([code, result.verdict]).toEqual([130, 'undecided']);
    expect(result.sentence).toMatch(/interrupted/);
    expect(result.checks.map(({ valid }) => valid)).toEqual([true]);
    expect(footprint(results.path)).toEqual(before);
  });

  test('Ctrl-C twice takes everything down, and keeps the history', async () => {
    using results = scratch();
    const before = footprint(results.path);
    const running = start([...driven, '--results', results.path]);
    await running.said(/main/);
    running.process.kill('SIGINT');
    await running.said(/Interrupted/);
    running.process.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(footprint(results.path)).toEqual(before);
    expect(readFileSync(join(folderIn(results.path), 'history.jsonl'), 'utf8').length).toBeGreaterThan(0);
  });

  test('kill -9 of the harness at random moments leaves nothing on the machine, and a history that can be judged', async () => {
    const random = seeded(Number(process.env['FC_SEED'] ?? 1)).fork('kill -9');
    for (let round = 0; round < Number(process.env['LABRYS_KILLS'] ?? 4); round++) {
      using results = scratch();
      const before = footprint(results.path);
      const running = start([...driven, '--results', results.path]);
      await running.said(/main/);
      const ms = random.below(6000);
      await new Promise((resolve) => setTimeout(resolve, ms));
      running.process.kill('SIGKILL');
      await running.finished;
      // The kernel takes the namespaces down; it has a moment for it.
      await expect
        .poll(() => footprint(results.path), { timeout: 30_000, message: `killed after ${ms} ms` })
        .toEqual(before);
      const folder = folderIn(results.path);
      const { code, stdout } = await labrys('check', folder, '--json');
      const { verdict, checks, metrics } = JSON.parse(stdout) as Result;
      expect([code, verdict], `killed after ${ms} ms`).toEqual([2, 'undecided']);
      expect(checks.every(({ valid }) => valid === true)).toBe(true);
      // A tenth of what is asked for: less than a busy machine manages, and more than a history that was lost would have.
      expect(metrics.operations).toBeGreaterThan((ms / 1000) * 30 - 30);
      await labrys('clean', '--results', results.path);
      expect((await labrys('clean', '--json')).stdout).toMatch(/"removed":\[\]/);
    }
  });
});

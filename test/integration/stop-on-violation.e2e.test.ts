import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../harness/record/result.ts';
import { labrys, noNamespaces, scratch } from './labrys.ts';

/** The longest of these would go on for a minute. */
async function stopped(...argv: readonly string[]): Promise<Result> {
  using results = scratch();
  const { code, stdout, stderr } = await labrys(
    'test',
    ...argv,
    '--time',
    '60s',
    '--seed',
    '1',
    '--stop-on-violation',
    '--json',
    '--results',
    results.path,
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^Violation: Client \d+ read .* Stopping/m)]);
  const result = JSON.parse(stdout) as Result;
  const history = readFileSync(join(results.path, result.run, 'history.jsonl'), 'utf8');
  expect(history).toContain('it was stopped at a violation');
  expect(readFileSync(join(results.path, result.run, 'index.html'), 'utf8')).toContain('</html>');
  return result;
}

test('a simulated run ends at the violation, and is judged and reported as any other', async () => {
  const result = await stopped(
    'raft',
    '--bug',
    'stale-read',
    '--nemesis',
    'partition,kill,pause',
    '--runtime',
    'sim',
  );
  expect(result.verdict).toBe('violation');
  expect(result.metrics.seconds).toBeLessThan(30);
});

test.skipIf(noNamespaces)(
  `so does one on real nodes${noNamespaces ? ` (skipped: ${noNamespaces})` : ''}`,
  async () => {
    const result = await stopped('examples/toykv/system.ts');
    expect(result.verdict).toBe('violation');
    expect(result.metrics.seconds).toBeLessThan(60);
  },
);

test('where nothing can be watched, that is said before anything starts', async () => {
  const { code, stderr } = await labrys(
    'test',
    'raft',
    '-w',
    'set',
    '--runtime',
    'sim',
    '--stop-on-violation',
  );
  expect([code, stderr]).toEqual([64, expect.stringContaining('can be watched while it runs')]);
});

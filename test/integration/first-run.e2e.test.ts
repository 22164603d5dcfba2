import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../harness/record/result.ts';
import { footprint, labrys, noNamespaces, scratch, unless } from './labrys.ts';

describe.skipIf(noNamespaces)(unless(noNamespaces, 'a first run on real nodes'), () => {
  test('the demo catches the planted bug and passes the correct Raft, and leaves nothing but its reports', async () => {
    using results = scratch();
    const before = footprint(results.path);
    const { code, stdout } = await labrys('demo', '--json', '--results', results.path);
    const { asExpected, runs } = JSON.parse(stdout) as {
      asExpected: boolean;
      runs: { verdict: string; report: string }[];
    };
    expect(runs.map(({ verdict }) => verdict)).toEqual(['violation', 'pass']);
    expect([code, asExpected]).toEqual([0, true]);
    for (const { report } of runs) expect(readFileSync(report, 'utf8')).toContain('</html>');
    // What the nodes had on their disks is kept with a violation, and only with one.
    const data = runs.map(({ report }) => existsSync(join(dirname(report), 'nodes/n1/data/journal')));
    expect(data).toEqual([true, false]);
    expect(footprint(results.path)).toEqual(before);
  });

  test('a run can be judged again from its folder, with the same verdict', async () => {
    using results = scratch();
    const first = await labrys(
      'test',
      'raft',
      '-w',
      'set',
      '--nemesis',
      'kill',
      '--time',
      '6s',
      '--seed',
      '3',
      '--keep-data',
      'always',
      '--json',
      '--results',
      results.path,
    );
    const result = JSON.parse(first.stdout) as Result;
    expect(result).toMatchObject({ schema: 'labrys/result@1', verdict: 'pass' });
    const folder = join(results.path, result.run);
    expect(readdirSync(folder).sort()).toEqual([
      'heal.jsonl',
      'history.jsonl',
      'index.html',
      'junit.xml',
      'mail.jsonl',
      'nodes',
      'plan.json',
      'result.json',
      'run.log',
    ]);
    expect(readdirSync(join(folder, 'nodes/n1'))).toContain('data');
    const again = await labrys('check', folder, '--json');
    expect(again.code).toBe(first.code);
    expect(JSON.parse(again.stdout)).toMatchObject({
      verdict: result.verdict,
      sentence: result.sentence,
      evidence: result.evidence,
    });
  });

  test('a system of a user’s own, in a file of its own, is tested as it stands', async () => {
    using results = scratch();
    const { code, stdout } = await labrys(
      'test',
      'examples/toykv/system.ts',
      '--time',
      '6s',
      '--json',
      '--seed',
      '1',
      '--results',
      results.path,
    );
    const { verdict, sentence } = JSON.parse(stdout) as Result;
    expect({ verdict, code }, sentence).toEqual({ verdict: 'violation', code: 1 });
  });
});

describe('a first run in the simulation', () => {
  test('the same seed leaves the same history, byte for byte', async () => {
    const run = async (): Promise<string> => {
      using results = scratch();
      const { stdout } = await labrys(
        'test',
        'raft',
        '--runtime',
        'sim',
        '--nemesis',
        'partition,kill,pause',
        '--time',
        '20s',
        '--seed',
        '5',
        '--json',
        '--results',
        results.path,
      );
      const { run, verdict } = JSON.parse(stdout) as Result;
      expect(verdict).toBe('pass');
      expect(existsSync(join(results.path, run, 'index.html'))).toBe(true);
      return readFileSync(join(results.path, run, 'history.jsonl'), 'utf8');
    };
    expect(await run()).toBe(await run());
  });
});

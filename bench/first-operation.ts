/**
 * How long it takes from the command line to the first operation on real nodes, and from the last operation to the
 * verdict: `node bench/first-operation.ts [local|docker]`. Whole processes, images built; medians of three.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../harness/record/result.ts';

const bin = join(import.meta.dirname, '../harness/cli/bin.js');
const rows = [
  { runtime: 'local', system: 'raft', promisedSeconds: 2 },
  { runtime: 'docker', system: 'etcd', promisedSeconds: 6 },
] as const;

const [wanted = ''] = process.argv.slice(2);
for (const { runtime, system, promisedSeconds } of rows.filter((row) => row.runtime.includes(wanted))) {
  const runs: Measured[] = [];
  for (let round = 0; round < 3; round++) runs.push(await measure(system, runtime));
  const median = (pick: (run: Measured) => number): number =>
    runs.map(pick).toSorted((a, b) => a - b)[1] as number;
  const first = median((run) => run.firstMs);
  console.log(
    `${system} on ${runtime}: first operation after ${Math.round(first)} ms (promised ${promisedSeconds} s); ` +
      `verdict of ${median((run) => run.operations)} operations in ${median((run) => run.checkMs)} ms`,
  );
  assert(first < promisedSeconds * 1000, 'slower than promised');
}

interface Measured {
  readonly firstMs: number;
  readonly checkMs: number;
  readonly operations: number;
}

async function measure(system: string, runtime: string): Promise<Measured> {
  const results = mkdtempSync(join(tmpdir(), 'labrys-bench-'));
  try {
    const began = performance.now();
    const argv = [
      bin,
      'test',
      system,
      '--runtime',
      runtime,
      '--time',
      '5s',
      '--json',
      '--quiet',
      '--results',
      results,
    ];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += String(data)));
    const ended = new Promise((resolve) => child.on('close', resolve));
    // A line is written within 50 ms of its operation.
    while (child.exitCode === null && !asked(results)) await new Promise((resolve) => setTimeout(resolve, 5));
    const firstMs = performance.now() - began;
    await ended;
    const { verdict, metrics } = JSON.parse(out) as Result;
    assert.equal(verdict, 'pass');
    return { firstMs, checkMs: metrics.checkMs, operations: metrics.operations };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function asked(results: string): boolean {
  const [history] = globSync(join(results, '*/history.jsonl'));
  return history !== undefined && existsSync(history) && readFileSync(history, 'utf8').includes('"invoke"');
}

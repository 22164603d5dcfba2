/**
 * The whole suite: `npm test`. Tests that need namespaces run inside some, those that need Docker outside, and what this
 * machine cannot run is skipped with its reason. The last line counts them all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const reports = mkdtempSync(join(tmpdir(), 'labrys-test-'));
const inside = [process.execPath, join(root, 'harness/provision/inside.ts'), '--'];
const vitest = [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run'];

interface Step {
  readonly name: string;
  readonly argv: readonly string[];
}

const steps: readonly Step[] = [
  { name: 'unit', argv: [...vitest, '--project', 'unit', '--project', 'browser'] },
  { name: 'local', argv: [...(canEnter() ? inside : []), ...vitest, '--project', 'local'] },
  { name: 'e2e', argv: [...vitest, '--project', 'e2e'] },
  { name: 'docker', argv: [...vitest, '--project', 'docker'] },
];

/** Types, lint, format, unused code: each counts as one test. */
const checks = ['types', 'lint', 'format', 'unused'];

const only = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const reasons = new Map<string, number>();
let broken = false;
for (const { name, argv } of steps) {
  if (only.length > 0 && !only.includes(name)) continue;
  const file = join(reports, `${name}.json`);
  console.log(`\n── ${name} ──`);
  const [command, ...rest] = [...argv, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { status } = spawnSync(command as string, rest, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  count(file, status);
}
rmSync(reports, { recursive: true, force: true });

if (only.length === 0 || only.includes('check')) {
  console.log('\n── check ──');
  for (const check of checks) {
    const { status, stdout } = spawnSync('npm', ['run', '--silent', `check:${check}`], {
      cwd: root,
      encoding: 'utf8',
    });
    console.log(`${status === 0 ? '✓' : '✗'} ${check}`);
    if (status === 0) total.passed++;
    else {
      total.failed++;
      console.log(stdout);
    }
  }
}

if (reasons.size > 0) console.log('\nSkipped:');
for (const [reason, times] of reasons) console.log(`  ${times} × ${reason}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || broken || total.passed === 0 ? 1 : 0;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

function count(file: string, status: number | null): void {
  if (!existsSync(file)) {
    console.error(`the runner left no report (exit ${status})`);
    total.failed++;
    broken = true;
    return;
  }
  let failed = 0;
  for (const { status: fileStatus, assertionResults } of (JSON.parse(readFileSync(file, 'utf8')) as Report)
    .testResults) {
    for (const { status, title, ancestorTitles } of assertionResults) {
      if (status === 'passed') total.passed++;
      else if (status === 'failed') failed++;
      else {
        total.skipped++;
        // A skip names its reason: `etcd on docker (skipped: no engine answers)`.
        const why =
          /skipped: ([^)]*)/.exec([...ancestorTitles, title].join(' '))?.[1] ?? `no reason given: ${title}`;
        reasons.set(why, (reasons.get(why) ?? 0) + 1);
      }
    }
    // A file that could not even be loaded has no test to its name.
    if (fileStatus === 'failed' && assertionResults.length === 0) failed++;
  }
  total.failed += failed;
  if (status !== 0 && failed === 0) broken = true;
}

function canEnter(): boolean {
  return (
    existsSync(inside[1] as string) &&
    spawnSync(inside[0] as string, [...inside.slice(1), 'true'], { stdio: 'ignore' }).status === 0
  );
}

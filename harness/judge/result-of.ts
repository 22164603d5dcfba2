import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Verdict } from 'knossos-js';
import type { Plan } from '../plan/plan.ts';
import type { Result, RunVerdict } from '../record/result.ts';
import { around } from './counterexample.ts';
import { cutShortOf } from './cut-short.ts';
import { findings, type Finding } from './evidence.ts';
import { say } from './sentence.ts';
import type { CutShort, Survey } from './survey.ts';
import type { Checked } from './worker.ts';

/** Everything that a result is made of. */
export interface Judged {
  readonly folder: string;
  readonly plan: Plan;
  readonly survey: Survey;
  /** What kept the history from being surveyed. */
  readonly lack: readonly Finding[];
  readonly checks: readonly Checked[];
  /** Where it is known from elsewhere than the history. */
  readonly cutShort: CutShort | undefined;
  readonly checkMs: number;
}

export function resultOf({ folder, plan, survey, lack, checks, checkMs, ...known }: Judged): Result {
  const cutShort = known.cutShort ?? cutShortOf(plan, survey);
  const verdicts = checks.map((one) => one.verdict);
  const evidence = [...lack, ...findings(plan, survey, cutShort)];
  const verdict = verdictOf(verdicts, evidence, cutShort);
  const broken = checks.find(({ shown }) => shown !== undefined);
  const shown = broken?.shown;
  return {
    schema: 'labrys/result@1',
    run: plan.run,
    verdict,
    ...say({ verdict, checks: verdicts, findings: evidence, survey, cutShort, violation: shown }),
    ...(broken &&
      shown && {
        counterexample: {
          checker: broken.verdict.checker,
          anomaly: shown.anomaly,
          operations: shown.operations,
          faults: around(shown.operations, survey.faults),
        },
      }),
    checks: verdicts,
    evidence: evidence.map(({ what, required, seen, enough }) => ({ what, required, seen, enough })),
    metrics: { ...survey.metrics, checkMs },
    environment: plan.versions,
    reproduce: plan.again,
    recheck: `npx labrys check ${asTyped(folder)}`,
    files: filesOf(folder),
  };
}

/** A violation always wins, and what failed is no verdict; a pass needs every promise kept and all the evidence. */
function verdictOf(
  checks: readonly Verdict[],
  evidence: readonly Finding[],
  cutShort: CutShort | undefined,
): RunVerdict {
  if (checks.some(({ valid }) => valid === false)) return 'violation';
  if (cutShort?.why === 'failed') return 'could-not-run';
  const proven = checks.length > 0 && checks.every(({ valid }) => valid === true);
  return proven && evidence.every(({ enough }) => enough) ? 'pass' : 'undecided';
}

/** The report is not there yet; it is drawn from the result. */
function filesOf(folder: string): Record<string, string> {
  const possible = {
    plan: 'plan.json',
    history: 'history.jsonl',
    log: 'run.log',
    faults: 'heal.jsonl',
    nodes: 'nodes',
  };
  const there = Object.entries(possible).filter(([, file]) => existsSync(join(folder, file)));
  return { ...Object.fromEntries(there), result: 'result.json', report: 'index.html' };
}

/** The survey of a history of nothing. */
export const nothingSeen: Survey = {
  metrics: {
    operations: 0,
    ok: 0,
    failed: 0,
    unknown: 0,
    overlappedFaults: 0,
    faults: 0,
    faultsConfirmed: 0,
    seconds: 0,
    operationsPerSecond: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
  },
  keys: 0,
  concurrency: 0,
  faults: [],
  sometimes: [],
  phases: [],
  crashes: [],
  coarse: [],
};

/** A path as one would type it here: relative where that is shorter, and quoted where a shell would split it. */
function asTyped(folder: string): string {
  const near = relative(process.cwd(), folder);
  const path = near === '' || near.startsWith('..') ? folder : near;
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Operations, Verdict } from 'knossos-js';
import { UsageError } from '../errors.ts';
import { readPlan } from '../plan/files.ts';
import type { Plan } from '../plan/plan.ts';
import type { Counterexample, Result, RunVerdict } from '../record/result.ts';
import type { Workload } from '../workload.ts';
import { around } from './counterexample.ts';
import { findings, type Finding } from './evidence.ts';
import { inWorker, WorkerStopped } from './in-worker.ts';
import { resolveOwnPackages } from './resolve-own.ts';
import { say } from './sentence.ts';
import type { CutShort, Survey } from './survey.ts';
import type { Checked, Task } from './worker.ts';
import { writeResult } from './write-result.ts';

export interface JudgeOptions {
  /** The file whose default export is the workload that was run: each worker imports it for itself. */
  readonly workload: string;
  /** Instead of the plan's. Of the time, loading the history is a part. */
  readonly budget?: { readonly seconds?: number; readonly memoryBytes?: number };
  /** Why the run did not go to its end, where this is known and not yet in its history. */
  readonly cutShort?: CutShort;
  readonly signal?: AbortSignal;
}

/** A checker stops within 100 ms of its deadline; one that does not is stopped after so long. */
const GRACE_MS = 1000;
/** For the history itself, which a checker's memory does not count. */
const LOADING_BYTES = 2 ** 29;

/**
 * Judges the run in a folder from its files alone, and writes `result.json` there before anyone draws anything.
 *
 * Each checker works in a thread of its own, so that this one stays free, and one that dies takes no other with it: its
 * promise is then `unknown`. A violation always wins; a pass needs every promise kept and all the evidence.
 */
export async function judge(folder: string, options: JudgeOptions): Promise<Result> {
  const began = performance.now();
  const plan = readPlan(folder);
  const file = resolve(options.workload);
  const names = await promises(file, plan);
  const budget = { ...plan.check, ...options.budget };
  const deadline = Date.now() + budget.seconds * 1000;
  const width = Math.max(1, Math.min(names.length, availableParallelism()));
  const common = { folder: resolve(folder), workload: file, options: plan.workload.options };
  const limits = { until: deadline + GRACE_MS, memoryBytes: budget.memoryBytes + LOADING_BYTES };

  const surveying = surveyed({ ...common, part: 'survey' }, { ...limits, signal: options.signal });
  const checking = inTurn(names, width, (name, checker) =>
    checked(name, {
      task: { ...common, part: { checker, deadline, memoryBytes: Math.floor(budget.memoryBytes / width) } },
      limits: { ...limits, signal: options.signal },
    }),
  );
  const [{ survey, lack }, checks] = await Promise.all([surveying, checking]);
  const result = resultOf({
    folder,
    plan,
    survey,
    lack,
    checks,
    cutShort: options.cutShort ?? survey.cutShort,
    began,
  });
  await writeResult(folder, result);
  return result;
}

interface Judged {
  readonly folder: string;
  readonly plan: Plan;
  readonly survey: Survey;
  /** What the survey itself lacks. */
  readonly lack: readonly Finding[];
  readonly checks: readonly Checked[];
  readonly cutShort: CutShort | undefined;
  readonly began: number;
}

function resultOf({ folder, plan, survey, lack, checks, cutShort, began }: Judged): Result {
  const verdicts = checks.map(({ verdict }) => verdict);
  const evidence = [...lack, ...findings(plan, survey, cutShort)];
  const verdict = verdictOf(verdicts, evidence, cutShort);
  const shown = checks.find(({ shown: one }) => one !== undefined);
  const counterexample = shown && counterexampleOf(shown, survey);
  return {
    schema: 'labrys/result@1',
    run: plan.run,
    verdict,
    ...say({
      verdict,
      checks: verdicts,
      findings: evidence,
      survey,
      cutShort,
      violation: shown?.shown?.sentence,
    }),
    ...(counterexample && { counterexample }),
    checks: verdicts,
    evidence: evidence.map(({ what, required, seen, enough }) => ({ what, required, seen, enough })),
    metrics: { ...survey.metrics, checkMs: Math.round(performance.now() - began) },
    environment: plan.versions,
    reproduce: plan.again,
    recheck: `npx labrys check ${folder}`,
    files: filesOf(folder),
  };
}

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

function counterexampleOf({ verdict, shown }: Checked, survey: Survey): Counterexample | undefined {
  return (
    shown && {
      checker: verdict.checker,
      anomaly: shown.anomaly,
      operations: shown.operations,
      faults: around(shown.operations, survey.faults),
    }
  );
}

/** The names of the promises that the workload makes. */
async function promises(file: string, plan: Plan): Promise<string[]> {
  resolveOwnPackages();
  const imported = (await import(pathToFileURL(file).href)) as {
    default?: Workload<Operations, Readonly<Record<string, unknown>>>;
  };
  const workload = imported.default;
  if (workload === undefined) throw new UsageError(`${file} exports no workload as its default`);
  return workload.checkers(plan.workload.options).map(({ name }) => name);
}

async function surveyed(
  task: Task,
  limits: Parameters<typeof inWorker>[1],
): Promise<{ readonly survey: Survey; readonly lack: readonly Finding[] }> {
  const answer = await answerOf(task, limits);
  if ('malformed' in answer) throw unreadable(answer.malformed);
  if ('survey' in answer) return { survey: answer.survey, lack: [] };
  const why = 'failed' in answer ? answer.failed : 'it answered something else';
  const line = { what: 'the history could be surveyed', required: 'yes', seen: `no: ${why}`, enough: false };
  return { survey: nothingSeen, lack: [{ ...line, lack: `the history could not be surveyed: ${why}.` }] };
}

async function checked(
  name: string,
  { task, limits }: { readonly task: Task; readonly limits: Parameters<typeof inWorker>[1] },
): Promise<Checked> {
  const answer = await answerOf(task, limits);
  if ('checked' in answer) return answer.checked;
  const because = 'failed' in answer ? answer.failed : 'the history cannot be read';
  return { verdict: { checker: name, valid: 'unknown', because, anomalies: [], facts: {} } };
}

async function answerOf(task: Task, limits: Parameters<typeof inWorker>[1]) {
  try {
    return await inWorker(task, limits);
  } catch (error) {
    if (error instanceof WorkerStopped) return { failed: error.message };
    throw error;
  }
}

/** At most `width` at a time, the answers in the order of the questions. */
async function inTurn<A, B>(
  items: readonly A[],
  width: number,
  act: (item: A, index: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index] as A, index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

const FILES: Readonly<Record<string, string>> = {
  plan: 'plan.json',
  history: 'history.jsonl',
  log: 'run.log',
  faults: 'heal.jsonl',
  nodes: 'nodes',
};

function filesOf(folder: string): Record<string, string> {
  const there = Object.entries(FILES).filter(([, file]) => existsSync(join(folder, file)));
  // The report is not there yet; it is drawn from this result.
  return { ...Object.fromEntries(there), result: 'result.json', report: 'index.html' };
}

function unreadable(message: string): UsageError {
  return new UsageError(message, { hint: 'The file is not a history as results/README.md describes it.' });
}

const nothingSeen: Survey = {
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
};

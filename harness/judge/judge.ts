import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Operations } from 'knossos-js';
import { UsageError } from '../errors.ts';
import { readPlan } from '../plan/files.ts';
import type { Plan } from '../plan/plan.ts';
import type { Result } from '../record/result.ts';
import type { Workload } from '../workload.ts';
import type { Finding } from './evidence.ts';
import { inWorker, WorkerStopped, type Limits } from './in-worker.ts';
import { nothingSeen, resultOf } from './result-of.ts';
import type { CutShort, Survey } from './survey.ts';
import type { Answer, Checked, Task } from './worker.ts';
import { writeResult } from './write-result.ts';

export interface JudgeOptions {
  /** The workload that was run. */
  readonly workload: Workload<Operations, Record<string, unknown>>;
  /** The file that exports it as its default: each worker imports it for itself. */
  readonly file: string;
  /** Instead of the one in the folder: with more time to check, say. */
  readonly plan?: Plan;
  /** Why the run did not go to its end, where somebody knows more of that than its history tells. */
  readonly cutShort?: CutShort;
  /** When it is aborted, checkers stop, and what they were to say is unknown. */
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
  const { workload, file, plan = readPlan(folder), cutShort, signal } = options;
  const began = performance.now();
  // A plan that is older than an option of its workload says nothing of it.
  const asked = { ...workload.defaults, ...plan.workload.options };
  const names = workload.checkers(asked).map(({ name }) => name);
  const { seconds, memoryBytes } = plan.check;
  const width = Math.max(1, Math.min(names.length, availableParallelism()));
  const deadline = Date.now() + seconds * 1000;
  const limits = { until: deadline + GRACE_MS, memoryBytes: memoryBytes + LOADING_BYTES, signal };
  const common = { folder: resolve(folder), workload: resolve(file), options: asked };
  const part = { deadline, memoryBytes: Math.floor(memoryBytes / width) };
  const [{ survey, lack }, answers] = await Promise.all([
    surveyed({ ...common, part: 'survey' }, limits),
    inTurn(names, width, (name, checker) => checked(name, { ...common, part: { ...part, checker } }, limits)),
  ]);
  const checkMs = Math.round(performance.now() - began);
  // Of nothing, every promise is kept: where it is certain that nothing was asked, none was checked.
  const checks = lack.length === 0 && survey.metrics.operations === 0 ? [] : answers;
  const result = resultOf({ folder, plan, survey, lack, checks, cutShort, checkMs });
  writeResult(folder, result);
  return result;
}

async function surveyed(
  task: Task,
  limits: Limits,
): Promise<{ readonly survey: Survey; readonly lack: readonly Finding[] }> {
  const answer = await answerTo(task, limits);
  if ('survey' in answer) return { survey: answer.survey, lack: [] };
  if ('malformed' in answer)
    throw new UsageError(answer.malformed, {
      hint: 'The file is not a history as results/README.md describes it.',
    });
  const why = 'failed' in answer ? answer.failed : 'no survey came back';
  const lack = {
    what: 'the history could be surveyed',
    required: 'yes',
    seen: `no: ${why}`,
    enough: false,
    lack: `the history could not be surveyed: ${why}.`,
  };
  return { survey: nothingSeen, lack: [lack] };
}

async function checked(name: string, task: Task, limits: Limits): Promise<Checked> {
  const answer = await answerTo(task, limits);
  if ('checked' in answer) return answer.checked;
  const because = 'failed' in answer ? answer.failed : 'the history cannot be read';
  return { verdict: { checker: name, valid: 'unknown', because, anomalies: [], facts: {} } };
}

async function answerTo(task: Task, limits: Limits): Promise<Answer> {
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

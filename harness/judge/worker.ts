import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { MalformedHistory, type Operations, type ReadHistory, type Verdict } from 'knossos-js';
import type { DrawnOperation } from '../record/result.ts';
import type { Workload } from '../workload.ts';
import { draw, plainest } from './counterexample.ts';
import { readHistory } from './read-history.ts';
import { resolveOwnPackages } from './resolve-own.ts';
import { survey, type Survey } from './survey.ts';

/**
 * One part of judging, in a thread of its own. It reads the run's folder and the workload itself: a checker is a
 * function, and cannot be sent; a history is large, and what is found in it is not.
 */
export interface Task {
  readonly folder: string;
  /** The file whose default export is the workload. */
  readonly workload: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly part: 'survey' | CheckPart;
}

export interface CheckPart {
  /** Which of the workload's checkers. */
  readonly checker: number;
  /** When to give up, in milliseconds of the epoch. */
  readonly deadline: number;
  readonly memoryBytes: number;
}

/** What a checker found, with the anomaly to show drawn out, so that nobody needs the history for it. */
export interface Checked {
  readonly verdict: Verdict;
  readonly shown?: {
    readonly anomaly: Verdict['anomalies'][number];
    readonly operations: readonly DrawnOperation[];
  };
}

export type Answer =
  | { readonly survey: Survey }
  | { readonly checked: Checked }
  | { readonly malformed: string }
  | { readonly failed: string };

/** So many anomalies of one check are written down; who needs more has the history. */
const MOST_ANOMALIES = 100;

async function perform({ folder, workload: file, options, part }: Task): Promise<Answer> {
  resolveOwnPackages();
  const imported = (await import(pathToFileURL(file).href)) as {
    default: Workload<Operations, Readonly<Record<string, unknown>>>;
  };
  const workload = imported.default;
  try {
    const read = readHistory(folder, { keep: part === 'survey' });
    const { history, marks, torn } = read;
    if (part === 'survey')
      return { survey: { ...survey(history, marks, workload, options), ...(torn && { torn }) } };
    return { checked: await check(workload, options, read, part) };
  } catch (error) {
    if (error instanceof MalformedHistory) return { malformed: error.message };
    throw error;
  }
}

async function check(
  workload: Workload<Operations, Readonly<Record<string, unknown>>>,
  options: Readonly<Record<string, unknown>>,
  { history }: ReadHistory,
  { checker, deadline, memoryBytes }: CheckPart,
): Promise<Checked> {
  const promise = workload.checkers(options)[checker];
  if (promise === undefined) throw new RangeError(`${workload.name} has no checker ${checker}`);
  const verdict = await promise.check(history, {
    deadline: deadline - performance.timeOrigin,
    now: () => performance.now(),
    memoryBytes,
  });
  const anomaly = verdict.valid === false ? plainest(verdict.anomalies) : undefined;
  // An order that proves a verdict is as long as the history, and can be found again from it.
  const { proof: _, anomalies, ...rest } = verdict;
  const kept = anomalies.slice(0, MOST_ANOMALIES);
  return {
    verdict: {
      ...rest,
      anomalies: kept,
      ...(kept.length < anomalies.length && { facts: { ...rest.facts, anomalies: anomalies.length } }),
    },
    ...(anomaly && {
      shown: { anomaly, operations: draw(anomaly, history) },
    }),
  };
}

if (parentPort) {
  const port = parentPort;
  perform(workerData as Task).then(
    (answer) => port.postMessage(answer),
    (error: unknown) =>
      port.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
}

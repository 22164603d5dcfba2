import { availableParallelism } from 'node:os';
import type { CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import {
  conclude,
  type LinearizableChecker,
  type LinearizableOptions,
} from '../linearizable/linearizable.ts';
import type { Model } from '../model.ts';
import { models } from '../models/named.ts';
import { anyHistory, rowsByKey, type TableData } from '../table/table.ts';
import { work, type Work } from './crew.ts';
import type { ModelReference } from './messages.ts';

export interface PoolOptions {
  /** How many threads. Default: as many as the machine runs at once. */
  readonly workers?: number;
  /**
   * Where a model of your own can be imported from: the URL of a module (`import.meta.url`, say) and the name it is
   * exported by. Models of this package need none. Without it a model of yours is checked in the calling thread.
   */
  readonly model?: { readonly module: string; readonly export: string };
}

/** So many batches for each worker: enough for the work to spread evenly, few enough for it not to be all talk. */
const BATCHES = 4;

/**
 * The same checker on several threads: keys are spread over workers, which share the history's columns and need no copy
 * of them. Deadline and memory bound hold for all workers together. A worker that breaks them is ended, its keys are
 * `unknown`, and the caller goes on.
 *
 * ```ts
 * const verdict = await inWorkers(linearizable(casRegister)).check(history, context);
 * ```
 */
export function inWorkers<Ops extends Operations>(
  checker: LinearizableChecker<Ops>,
  options: PoolOptions = {},
): Checker<Ops> {
  return {
    name: checker.name,
    check: async (history, context) => {
      const model = reference(checker.model, options.model);
      if (!model) return checker.check(history, context);
      return check(
        anyHistory(history),
        checker.model.name,
        checker.options,
        model,
        options.workers ?? availableParallelism(),
        context,
      );
    },
  };
}

async function check(
  history: History,
  name: string,
  options: LinearizableOptions,
  model: ModelReference,
  most: number,
  context: CheckContext,
): Promise<Verdict> {
  const began = context.now();
  const objects = rowsByKey(history).toSorted((a, b) => b.rows.length - a.rows.length);
  const workers = Math.max(1, Math.min(most, objects.length));
  const lengths = new Map(objects.map(({ key, rows }) => [key, rows.length]));
  const proof = options.proof ?? history.length <= 20_000;
  const found = await work(
    { table: plain(history), model, options: { ...options, proof } },
    batches(objects, workers * BATCHES),
    workers,
    context,
    (key, because) => ({
      key,
      length: lengths.get(key) ?? 0,
      way: 'none: its worker did not answer',
      explored: 0,
      valid: 'unknown',
      because,
      reached: 0,
    }),
  );
  const verdict = conclude(history, name, found, context.now() - began);
  return { ...verdict, facts: { ...verdict.facts, workers } };
}

/** Deals keys out, the largest first, each to the batch that has least so far. */
function batches(
  objects: readonly { readonly key: number; readonly rows: Int32Array }[],
  most: number,
): Work[] {
  const dealt = Array.from({ length: Math.min(most, objects.length) }, () => ({
    keys: [] as number[],
    operations: 0,
  }));
  for (const { key, rows } of objects) {
    const least = dealt.reduce((a, b) => (b.operations < a.operations ? b : a));
    least.keys.push(key);
    least.operations += rows.length;
  }
  return dealt;
}

/** A model is this package's if it takes the very same steps, whatever it begins with. */
function reference<Ops extends Operations>(
  model: Model<Ops, unknown>,
  own: PoolOptions['model'],
): ModelReference | undefined {
  if (own) return own;
  const known = models.get(model.name) as { readonly step: unknown } | undefined;
  return known?.step === model.step ? { name: model.name, initial: model.initial } : undefined;
}

/** A history without its methods. Its columns are in shared memory, so sending it does not copy them. */
function plain(history: History): TableData {
  const {
    length,
    names,
    keys,
    nodes,
    errors,
    values,
    f,
    process,
    key,
    outcome,
    call,
    callTime,
    returnTime,
    input,
    output,
    node,
    error,
  } = history;
  return {
    length,
    names,
    keys,
    nodes,
    errors,
    values,
    f,
    process,
    key,
    outcome,
    call,
    return: history.return,
    callTime,
    returnTime,
    input,
    output,
    node,
    error,
  };
}

import { parentPort, workerData } from 'node:worker_threads';
import type { Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { outcomes, type Outcome } from '../linearizable/linearizable.ts';
import { models } from '../models/named.ts';
import { rowsByKey, select, Table } from '../table/table.ts';
import type { Answer, Batch, ModelReference, Setup } from './messages.ts';

/** One thread of a pool: it is given batches of keys, and answers each with what it found out. */
const { table, model: reference, options } = workerData as Setup;
const history = new Table(table);
const rowsOf = new Map(rowsByKey(history).map(({ key, rows }) => [key, rows]));
const model = await find(reference);

parentPort?.on('message', (batch: Batch) => {
  parentPort?.postMessage(answer(batch));
});

function answer({ id, keys, forMs, memoryBytes }: Batch): Answer {
  try {
    const deadline = performance.now() + forMs;
    const part = select(
      history,
      keys.flatMap((key) => Array.from(rowsOf.get(key) ?? [])).toSorted((a, b) => a - b),
    );
    const own = {
      ...options,
      ...(options.witness && { witness: inPart(options.witness, part.origin as Int32Array) }),
    };
    const found = outcomes(part, model, own, { deadline, now: () => performance.now(), memoryBytes });
    return { id, outcomes: found.map((one) => inWhole(one, part.origin as Int32Array)) };
  } catch (error) {
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}

/** An order of the whole history's ids, as one of the part's own. */
function inPart(witness: readonly number[], origin: Int32Array): number[] {
  const rows = new Map(Array.from(origin, (id, row) => [id, row]));
  return witness.flatMap((id) => rows.get(id) ?? []);
}

/** With the ids of the history that the pool was given. */
function inWhole(one: Outcome, origin: Int32Array): Outcome {
  const whole = (ids: readonly number[]): number[] => ids.map((id) => origin[id] as number);
  return {
    ...one,
    ...(one.order && { order: whole(one.order) }),
    ...(one.anomaly && { anomaly: { ...one.anomaly, operations: whole(one.anomaly.operations) } }),
  };
}

async function find(at: ModelReference): Promise<Model<Operations, unknown>> {
  if ('name' in at) return { ...(models.get(at.name) as Model<Operations, unknown>), initial: at.initial };
  const module = (await import(at.module)) as Readonly<Record<string, unknown>>;
  const found = module[at.export];
  if (typeof found !== 'object' || found === null || !('step' in found))
    throw new Error(`${at.module} exports no model called ${at.export}`);
  // It has a step; the rest is between the model and its author.
  return found as Model<Operations, unknown>;
}

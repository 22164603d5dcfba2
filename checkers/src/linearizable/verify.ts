import type { Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { models } from '../models/named.ts';
import { linearize } from './reference.ts';

/**
 * Checks a verdict of {@link linearizable} without any of the code that came to it. A `true` is right if each of
 * its orders holds every operation that happened, respects real time, and is legal step by step. A `false` is
 * right if each anomaly's operations cannot be put into any order. Says what is wrong, or `undefined`.
 *
 * An `unknown`, and a `true` without a proof, claims nothing that could be checked; it is reported as such.
 * The model is found by the name in the verdict's facts; for one of your own, hand it over.
 */
export function verify<Ops extends Operations, State>(
  verdict: Verdict,
  history: History<Ops>,
  model: Model<Ops, State> = named(String(verdict.facts['model'])) as Model<Ops, State>,
): string | undefined {
  if (verdict.valid === false) {
    for (const { operations, kind } of verdict.anomalies)
      if (
        linearize(
          model,
          operations.map((id) => history.operation(id)),
        ) !== false
      )
        return `the operations of the ${kind} can be put into an order`;
    return verdict.anomalies.length > 0 ? undefined : 'it names no anomaly';
  }
  if (verdict.valid === 'unknown' || !verdict.proof) return 'it carries no proof';
  const placed = new Uint8Array(history.length);
  for (const { operations, key } of verdict.proof) {
    let state = model.initial;
    let latestCall = -1;
    for (const id of operations) {
      const op = history.operation(id);
      if (op.key !== key) return `operation ${id} is on key ${op.key}, not ${key}`;
      if (placed[id]) return `operation ${id} takes effect twice`;
      placed[id] = 1;
      if (op.return < latestCall)
        return `operation ${id} had returned before one that takes effect earlier was called`;
      latestCall = Math.max(latestCall, op.call);
      const after = model.step(state, op);
      if (after === ILLEGAL)
        return `operation ${id}: ${model.explain?.(state, op) ?? 'not possible at its place'}`;
      state = after;
    }
  }
  for (const op of history)
    if (op.outcome === 'ok' && !placed[op.id]) return `operation ${op.id} has no place`;
  return undefined;
}

function named(name: string): unknown {
  const model = models.get(name);
  if (!model) throw new Error(`no model is called ${name}; hand the model to verify as its third argument`);
  return model;
}

import type { Verdict } from '../checker.ts';
import type { History, Operation, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { models } from '../models/named.ts';
import { linearize } from '../linearizable/reference.ts';

/**
 * Checks a verdict of linearizability. A `true` is right if each of its orders holds every operation that happened, respects
 * real time, and is legal step by step. A `false` is right if each anomaly's operations cannot be put into any order, and
 * hold whatever they need to be illegal on their own (see {@link Model.closure}).
 */
export function wrongLinearization<Ops extends Operations, State>(
  verdict: Verdict,
  history: History<Ops>,
  model: Model<Ops, State> = named(String(verdict.facts['model'])) as Model<Ops, State>,
): string | undefined {
  if (verdict.valid === false) {
    for (const { operations, kind, key } of verdict.anomalies) {
      const unknown = operations.find((id) => !(id >= 0 && id < history.length));
      if (unknown !== undefined) return `there is no operation ${unknown}`;
      const shown = operations.map((id) => history.operation(id));
      if (shown.some((op) => op.key !== key)) return `the operations of the ${kind} are on several keys`;
      const tooMany = `the operations of the ${kind} have too many orders to try them all`;
      const order = linearize(model, shown);
      if (order === undefined) return tooMany;
      if (order) return `the operations of the ${kind} can be put into an order`;
      const whole = withNeeded(model, history, shown);
      const wider = whole.length > shown.length && linearize(model, whole);
      if (wider === undefined) return tooMany;
      if (wider) return `the operations of the ${kind} can be put into an order, with those that they need`;
    }
    return undefined;
  }
  if (!verdict.proof)
    return 'it carries no proof: ask for one by `linearizable(model, { proof: true })`, or by --proof';
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

/** These operations, and all without which they might be illegal though the whole is not (see {@link Model.closure}). */
function withNeeded<Ops extends Operations, State>(
  model: Model<Ops, State>,
  history: History<Ops>,
  shown: readonly Operation<Ops>[],
): readonly Operation<Ops>[] {
  const whole: Operation<Ops>[] = [];
  const key = shown[0]?.key;
  const at = key === undefined ? -1 : history.keys.indexOf(key);
  for (let id = 0; id < history.length; id++) if (history.key[id] === at) whole.push(history.operation(id));
  return model.closure ? model.closure(whole)(shown) : whole;
}

function named(name: string): unknown {
  const model = models.get(name);
  if (!model) throw new Error(`no model is called ${name}; hand the model to verify as its third argument`);
  return model;
}

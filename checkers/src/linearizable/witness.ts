import type { History, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';

/**
 * Whether the rows of an object, in this order, are legal step by step, respect real time, and leave out nothing that happened.
 * Then the order is a proof. If not, nothing is proved: another order may do.
 */
export function explains<Ops extends Operations, State>(
  order: readonly number[],
  object: History<Ops>,
  model: Model<Ops, State>,
): boolean {
  const { call, return: returned, outcome, length } = object;
  const placed = new Uint8Array(length);
  let state = model.initial;
  let latestCall = -1;
  for (const row of order) {
    if (placed[row] || outcome[row] === 1 || (returned[row] as number) < latestCall) return false;
    placed[row] = 1;
    latestCall = Math.max(latestCall, call[row] as number);
    const after = model.step(state, object.operation(row));
    if (after === ILLEGAL) return false;
    state = after;
  }
  return outcome.every((ended, row) => ended !== 0 || placed[row] === 1);
}

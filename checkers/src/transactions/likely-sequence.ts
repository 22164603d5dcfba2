import type { Transactions } from './columns.ts';
import { inOrder } from './in-order.ts';
import type { Limits } from './limits.ts';

/**
 * In which order transactions may have happened when nobody recorded times: places from 0, several may share one. Files list
 * them as they came, or one session after another; then sessions are laid side by side, as if all had been equally long.
 */
export function likelyPlaces(txns: Transactions, limits: Limits): Int32Array {
  const places = limits.int32(txns.length);
  const oneByOne = sessionBySession(txns);
  const size = limits.int32(txns.processes.length);
  for (let t = 0; t < txns.length; t++) size[txns.process[t] as number]!++;
  const seen = limits.int32(txns.processes.length);
  for (let t = 0; t < txns.length; t++) {
    const session = txns.process[t] as number;
    places[t] = oneByOne ? Math.floor((txns.length * seen[session]!++) / (size[session] as number)) : t;
  }
  limits.step(txns.length);
  return places;
}

/** Those that happened in that order; in the order of their calls where there are times. */
export function likelySequence(txns: Transactions, happened: Uint8Array, limits: Limits): Int32Array {
  return inOrder(txns.timed ? txns.call : likelyPlaces(txns, limits), happened, limits);
}

/** Whether a session's transactions mostly stand together. */
function sessionBySession(txns: Transactions): boolean {
  let changes = 0;
  for (let t = 1; t < txns.length; t++) if (txns.process[t] !== txns.process[t - 1]) changes++;
  return changes * 4 < txns.length;
}

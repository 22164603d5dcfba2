import { INITIAL, READ, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';

/**
 * Runs register transactions on a store that gives each a snapshot when it starts and refuses whoever commits a write to
 * a key that was written since; says what is wrong with the order of moves given (`2t` starts transaction `t`, `2t + 1`
 * commits it). It shares nothing with the search that found the order.
 */
export function replaySnapshots(txns: Transactions, moves: ArrayLike<number>): string | undefined {
  const registers = new Int32Array(txns.keys.length).fill(INITIAL);
  const committedAt = new Int32Array(txns.keys.length).fill(-1);
  const startedAt = new Int32Array(txns.length).fill(-1);
  const done = new Uint8Array(txns.length);
  for (let i = 0; i < moves.length; i++) {
    const t = (moves[i] as number) >> 1;
    const steps = { from: txns.start[t] as number, to: txns.start[t + 1] as number };
    if ((moves[i] as number) % 2 === 0) {
      if (startedAt[t] !== -1) return `transaction ${t} starts twice`;
      startedAt[t] = i;
      const own = new Map<number, number>();
      for (let m = steps.from; m < steps.to; m++) {
        const k = txns.key[m] as number;
        if (txns.kind[m] === WRITE) own.set(k, txns.value[m] as number);
        else if (txns.kind[m] === READ && (own.get(k) ?? registers[k]) !== txns.value[m])
          return `step ${m} of transaction ${t} read otherwise`;
      }
      continue;
    }
    if (startedAt[t] === -1 || done[t]) return `transaction ${t} commits without a start`;
    done[t] = 1;
    for (let m = steps.from; m < steps.to; m++) {
      const k = txns.key[m] as number;
      if (txns.kind[m] !== WRITE) continue;
      if ((committedAt[k] as number) > (startedAt[t] as number) && committedAt[k] !== i)
        return `transaction ${t} overwrites what it did not see`;
      committedAt[k] = i;
      registers[k] = txns.value[m] as number;
    }
  }
  for (let t = 0; t < txns.length; t++)
    if (txns.outcome[t] === 0 && !done[t]) return `transaction ${t} is not in the order`;
  return undefined;
}

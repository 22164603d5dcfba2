import type { Operation } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import type { Hold, Lock } from './holds.ts';

/** A lock that nobody can have used any more, and that was refused all the same. */
export interface Lost {
  /** The last that anybody had, where anybody had it. */
  readonly hold: Hold | undefined;
  readonly refused: Operation;
  /** For how long nobody had been heard of who may hold it. */
  readonly afterMs: number;
}

/**
 * The first acquire that was refused although for so long nobody had shown any sign of holding the lock: no grant, no use, no release, and
 * no acquire of which nobody knows whether it was granted. Whoever held it has died, and its lock with it.
 */
export function lostLock(
  { holds, refused, doubtful }: Lock,
  patienceMs: number,
  budget: Budget,
): Lost | undefined {
  const signs: { readonly sign: Operation; readonly hold: Hold | undefined }[] = [];
  for (const [i, hold] of holds.entries()) {
    budget.pass(i);
    signs.push({ sign: hold.acquire, hold });
    for (const sign of hold.uses) signs.push({ sign, hold });
    for (const sign of hold.releases) signs.push({ sign, hold });
  }
  for (const sign of doubtful) signs.push({ sign, hold: undefined });
  signs.sort((a, b) => a.sign.callTime - b.sign.callTime);
  budget.pass(0);
  let next = 0;
  let last = 0;
  let hold: Hold | undefined;
  for (const [i, operation] of refused.toSorted((a, b) => a.returnTime - b.returnTime).entries()) {
    budget.pass(i);
    for (; next < signs.length; next++) {
      const one = signs[next] as (typeof signs)[number];
      if (one.sign.callTime > operation.returnTime) break;
      const { returnTime, callTime } = one.sign;
      last = Math.max(last, Number.isFinite(returnTime) ? returnTime : callTime);
      hold = one.hold ?? hold;
    }
    const afterMs = (operation.callTime - last) / 1e6;
    if (afterMs >= patienceMs) return { hold, refused: operation, afterMs };
  }
  return undefined;
}

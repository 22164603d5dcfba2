import type { Operation } from '../history.ts';
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
export function lostLock({ holds, refused, doubtful }: Lock, patienceMs: number): Lost | undefined {
  const signs = [
    ...holds.flatMap((hold) =>
      [hold.acquire, ...hold.uses, ...hold.releases].map((sign) => ({ sign, hold })),
    ),
    ...doubtful.map((sign) => ({ sign, hold: undefined })),
  ].toSorted((a, b) => a.sign.callTime - b.sign.callTime);
  let next = 0;
  let last = 0;
  let hold: Hold | undefined;
  for (const operation of refused.toSorted((a, b) => a.returnTime - b.returnTime)) {
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

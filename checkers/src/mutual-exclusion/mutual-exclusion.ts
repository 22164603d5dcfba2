import { anomaly } from '../anomaly.ts';
import { combine, type Anomaly, type CheckContext, type Checker, type Verdict } from '../checker.ts';
import { verdictOn } from '../explained.ts';
import type { History, Operation, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { anyHistory } from '../table/table.ts';
import { at, count, lasting, on, they, who } from '../words.ts';
import { heldAtOnce } from './at-once.ts';
import { backwards, type Carries } from './backwards.ts';
import { locksOf, type Lock } from './holds.ts';
import { lostLock } from './lost.ts';

export interface MutualExclusionOptions {
  /**
   * `exclusion`: at no moment do two processes both think that they hold a lock. `fencing`: they may, but what the lock protects
   * turns away whoever has been overtaken.
   */
  readonly promise?: 'exclusion' | 'fencing';
  /** How long a lock may stay taken after the last sign of whoever had it. Default 8000; longer than any lease, please. Infinity: for ever. */
  readonly patienceMs?: number;
}

/**
 * A lock as its users see it. `acquire` returns false, or the fencing token that came with the lock (a number, or the first of
 * several; null where there are none); `use` does something under it, and returns whether that was let in; `release` gives it back.
 *
 * ```
 *   mutual exclusion   two processes that use the lock at a time
 *   fencing            a token that does not grow; a use that is let in after one with a larger token
 *   recovery           a lock that is refused for ever, after whoever had it has died
 * ```
 *
 * Unlike `linearizable(lock)`, this does not ask that the service and the holder always agree: a lease that has run out unused
 * harms nobody. What counts is who did something in the belief that it held the lock (Kleppmann 2016, How to do distributed
 * locking). n log n.
 */
export function mutualExclusion<Ops extends Operations = Operations>(
  options: MutualExclusionOptions = {},
): Checker<Ops> {
  return {
    name: 'mutual exclusion',
    check: (history, context) => check(anyHistory(history), options, context),
  };
}

/** An operation is an object by then. */
const BYTES_PER_OPERATION = 300;

function check(
  history: History,
  { promise = 'exclusion', patienceMs = 8000 }: MutualExclusionOptions,
  context: CheckContext,
): Verdict {
  const budget = new Budget(context);
  const exclusion: Anomaly[] = [];
  const fencing: Anomaly[] = [];
  const recovery: Anomaly[] = [];
  let judged = 0;
  const facts = untilSpent(budget, () => {
    budget.hold(BYTES_PER_OPERATION * history.length);
    const locks = locksOf(history, budget);
    for (const lock of locks) {
      budget.pass(0);
      for (const each of exclusionIn(lock, budget)) exclusion.push(each);
      for (const each of fencingIn(lock, budget)) fencing.push(each);
      recovery.push(...recoveryIn(lock, patienceMs, budget));
      judged++;
    }
    return factsOf(locks, exclusion.length, budget);
  });
  const proven = judged > 0 ? `nothing against the first ${count(judged, 'lock')}` : undefined;
  const because = facts ? undefined : budget.stopped(history.length, proven);
  return {
    ...combine('mutual exclusion', [
      ...(promise === 'exclusion' ? [verdictOn('mutual exclusion', exclusion, because)] : []),
      verdictOn('fencing', fencing, because),
      verdictOn('recovery', recovery, because),
    ]),
    facts: facts ?? { operations: history.length },
  };
}

function exclusionIn({ holds }: Lock, budget: Budget): Anomaly[] {
  return heldAtOnce(holds, budget).map(({ first, second, firstUse, secondUse }) =>
    anomaly(
      'two holders',
      [first.acquire, second.acquire, firstUse, secondUse],
      `${who(first.acquire)} and ${they(second.acquire)} both held${on(first.acquire)}: ${got(first.acquire)}, ${got(second.acquire)}, and the first still used it${at(firstUse.callTime)}, the second${at(secondUse.callTime)}.`,
    ),
  );
}

function got(acquire: Operation): string {
  return `${they(acquire)} got it${at(acquire.returnTime)}`;
}

function fencingIn({ holds }: Lock, budget: Budget): Anomaly[] {
  const granted: Carries[] = [];
  const used: (Carries & { readonly acquire: Operation })[] = [];
  for (const [i, { acquire, uses, token }] of holds.entries()) {
    budget.pass(i);
    if (token === null) continue;
    granted.push({ operation: acquire, token });
    for (const operation of uses) if (operation.output === true) used.push({ operation, token, acquire });
  }
  return [
    ...backwards(granted, false, budget).map(({ before, after }) =>
      anomaly(
        'token does not grow',
        [before.operation, after.operation],
        `${tokenGiven(after)}, although ${they(before.operation)} had got ${before.token}${at(before.operation.returnTime)}.`,
      ),
    ),
    ...backwards(used, true, budget).map(({ before, after }) =>
      anomaly(
        'overtaken holder let in',
        // Without their acquires nobody would know the tokens.
        [before.acquire, after.acquire, before.operation, after.operation],
        `${who(after.operation)} used${on(after.operation)} with token ${after.token}${at(after.operation.callTime)} and was let in, although ${they(before.operation)} had been with token ${before.token}${at(before.operation.returnTime)}.`,
      ),
    ),
    ...twice(granted, budget),
  ];
}

function tokenGiven({ operation, token }: Carries): string {
  return `${who(operation)} got token ${token} with${on(operation)}${at(operation.returnTime)}`;
}

/** Also where neither had returned before the other was called. */
function twice(granted: readonly Carries[], budget: Budget): Anomaly[] {
  const given = new Map<number, Carries>();
  const found: Anomaly[] = [];
  for (const [i, one] of granted.entries()) {
    budget.pass(i);
    const other = given.get(one.token);
    given.set(one.token, one);
    if (other)
      found.push(
        anomaly(
          'token given twice',
          [other.operation, one.operation],
          `${tokenGiven(one)}, and ${they(other.operation)} got the same${at(other.operation.returnTime)}.`,
        ),
      );
  }
  return found;
}

function recoveryIn(lock: Lock, patienceMs: number, budget: Budget): Anomaly[] {
  const lost = lostLock(lock, patienceMs, budget);
  if (!lost) return [];
  const { hold, refused, afterMs } = lost;
  const since = lasting(afterMs * 1e6);
  const why = hold
    ? `nothing had been seen of ${they(hold.acquire)}, who had it last, or of anybody else who may have had it, for ${since}`
    : `nobody had been seen to hold it, and may have, for ${since}`;
  return [
    anomaly(
      'lost lock',
      [...(hold ? [hold.acquire] : []), refused],
      `${who(refused)} was refused${on(refused)}${at(refused.returnTime)}, although ${why}.`,
    ),
  ];
}

function factsOf(locks: readonly Lock[], atOnce: number, budget: Budget): Record<string, number> {
  const counts = { holds: 0, uses: 0, turnedAway: 0, refused: 0 };
  let looked = 0;
  for (const { holds, refused } of locks) {
    counts.refused += refused.length;
    counts.holds += holds.length;
    for (const { uses } of holds) {
      budget.pass(looked++);
      counts.uses += uses.length;
      for (const { output } of uses) if (output === false) counts.turnedAway++;
    }
  }
  return {
    holds: counts.holds,
    'of them, together with another': atOnce,
    uses: counts.uses,
    'uses turned away': counts.turnedAway,
    'acquires refused': counts.refused,
    'acquires refused for each granted': Math.round((100 * counts.refused) / Math.max(1, counts.holds)) / 100,
  };
}

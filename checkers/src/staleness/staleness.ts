import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { unexplainedRead } from '../regular/unexplained.ts';
import { anyHistory, select } from '../table/table.ts';
import { Evidence } from './evidence.ts';
import { figures } from './figures.ts';
import { isBroken, judge, type Judged, type Limits } from './judge.ts';

/**
 * # How stale
 *
 * Quorums that do not overlap, replicas that gossip and caches promise no linearizable register; the question is by how
 * much they miss. There are two measures, and a promise can be made of either:
 *
 * - *k-atomic* (Aiyer, Alvisi and Bazzi, 2005): some order of all operations respects real time, and every read
 *   returns one of the last k values that were written before it. 1-atomic is linearizable.
 * - *Δ-atomic* (Golab, Li and Shah, 2011): the history is linearizable if every read is taken to have begun Δ earlier.
 *
 * ```
 * write 1  |───|
 * write 2        |───|
 * write 3              |───|
 * read → 1           ◂────── Δ ──────|───|          2 versions behind: 3-atomic
 * ```
 *
 * What is exact, where every value of a key is written once: Δ; whether k is 1; whether k is 2; and for each read by itself how
 * many versions it was behind, and for how long. A larger k is bounded from below, by the read that was farthest
 * behind, and from above, by an order that was found; mostly they are the same. Where values repeat, everything is a
 * bound from below.
 */
export interface StalenessOptions {
  /** Of how many last values a read must return one. Without it that is measured, and no violation. */
  readonly k?: number;
  /** How many milliseconds earlier reads may have to have begun for the history to be linearizable. Likewise. */
  readonly deltaMs?: number;
  /** What a register holds before anything was written. Default `null`. */
  readonly initial?: unknown;
}

/**
 * Measures how stale reads were, in versions and in time, with a histogram of each; holds them to `k` and `deltaMs`
 * where those are given. A value that nobody had written is a violation in any case. n log n.
 */
export function staleness<Ops extends Operations = Operations>(options: StalenessOptions = {}): Checker<Ops> {
  const { k = Infinity, deltaMs = Infinity, initial = null } = options;
  if (!(k >= 1 && (k === Infinity || Number.isInteger(k))))
    throw new RangeError(
      `k is of how many last values a read must return one: a whole number from 1, not ${k}`,
    );
  if (!(deltaMs >= 0)) throw new RangeError(`deltaMs is a number of milliseconds from 0, not ${deltaMs}`);
  const limits = { k, deltaMs, initial };
  return { name: nameOf(limits), check: (history, context) => check(anyHistory(history), limits, context) };
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const BYTES_PER_OPERATION = 150;

function check(history: History, limits: Limits, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const judged = budget.spent(BYTES_PER_OPERATION * history.length)
    ? undefined
    : untilSpent(budget, () => judge(history, limits, budget));
  const checker = nameOf(limits);
  if (!judged) {
    const because = budget.stopped(history.length);
    return { checker, valid: 'unknown', because, anomalies: [], facts: { operations: history.length } };
  }
  const broken = isBroken(judged);
  const because = broken ? undefined : whyUnknown(judged, limits);
  return {
    checker,
    valid: broken ? false : because === undefined ? true : 'unknown',
    ...(because !== undefined && { because }),
    ...(broken && {
      disproves: ['linearizable', ...(limits.k + limits.deltaMs < Infinity ? [checker] : [])],
    }),
    anomalies: broken ? anomalies(history, judged, limits, context) : [],
    ...figures(judged),
  };
}

function anomalies(history: History, judged: Judged, limits: Limits, context: CheckContext): Anomaly[] {
  const { versions, tooManyVersions, tooLong } = judged;
  const evidence = new Evidence(judged, {
    isBroken: (rows) => {
      const own = new Budget(context);
      const part = untilSpent(own, () => judge(select(history, rows), limits, own));
      return part !== undefined && isBroken(part);
    },
    outOfTime: () => context.now() > context.deadline,
  });
  return [
    ...versions.unexplained
      .slice(0, EXPLAINED)
      .flatMap((row) => unexplainedRead(versions.steps, versions.at, row) ?? []),
    ...tooManyVersions.slice(0, EXPLAINED).map((key) => evidence.ofVersions(key, limits.k)),
    ...tooLong.slice(0, EXPLAINED).map((key) => evidence.ofTime(key, limits.deltaMs)),
  ];
}

function whyUnknown({ versions, bounds, delta, open }: Judged, { k }: Limits): string | undefined {
  if (versions.reads === 0) return 'no read succeeded, so nothing could have shown; read while others write';
  const [key] = open;
  if (key === undefined) return undefined;
  if (!versions.exact[key])
    return `values were written more than once on ${open.length} keys, so that a read does not tell which it saw, and only what is certain is counted; make values unique`;
  if (Number.isNaN(delta[key]))
    return 'the history has no times, and not every key is linearizable; record times, or ask for k';
  return `on ${open.length} keys no more is shown than that k is at least ${bounds.low[key]}, and the orders that were tried need ${bounds.high[key]}: whether ${k} is enough is not known; try a larger k, or deltaMs`;
}

function nameOf({ k, deltaMs }: Limits): string {
  const promises = [
    ...(k < Infinity ? [`${k}-atomic`] : []),
    ...(deltaMs < Infinity ? [`${deltaMs} ms-atomic`] : []),
  ];
  return promises.length > 0 ? promises.join(', ') : 'staleness';
}

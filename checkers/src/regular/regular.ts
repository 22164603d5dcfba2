import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { stopped } from '../stopped.ts';
import { registerSteps } from '../linearizable/register/steps.ts';
import { anyHistory } from '../table/table.ts';
import { bytesToJudge, judgeReads, type JudgedReads } from './judge-reads.ts';
import { disagreement, wrongRead } from './explain.ts';
import { disagreements, type Disagreement } from './write-order.ts';

/**
 * # Registers that promise less than to be linearizable
 *
 * Lamport (On Interprocess Communication, 1986) has three kinds, for one writer:
 *
 * ```
 * write 1  |────|
 * write 2           |──────────────|
 * read        safe: anything          regular: 1 or 2, each time anew          atomic: never 1 after 2
 *                      |─ ? ─|  |─ ? ─|
 * read                                   |─ 2 ─|    all three: what was written last
 * ```
 *
 * With several writers, writes overlap and "last" is no longer one. Of the generalisations of Shao, Welch, Pierce and Lee
 * (Multiwriter Consistency Conditions for Shared Memory Registers, 2011) these are two, the weakest and the one that
 * quorum systems are built for; both are Lamport's where writes do not overlap:
 *
 * - *regular* (their MWRegWeak): each read by itself fits into some order of all writes that respects real time. Two reads may
 *   disagree about which of two overlapping writes was the last.
 * - *strongly regular* (their MWRegWO): all reads fit into one order of the writes. A read may still return an older
 *   value than a read before it did, while the newer write is under way.
 *
 * *Safe* is generalised likewise: a read during which no write was under way is regular; any other returns anything.
 * A write of unknown outcome is under way for ever. A compare-and-set counts as the write that it is, where it swapped.
 */
export interface RegularOptions {
  /** What a register holds before anything was written. Default `null`. */
  readonly initial?: unknown;
}

/** Every read returns a value that was there by some order of the writes. Exact, also where values repeat; linear. */
export function regularRegister<Ops extends Operations = Operations>(
  options: RegularOptions = {},
): Checker<Ops> {
  return {
    name: 'regular',
    check: (history, context) => check('regular', anyHistory(history), options, context),
  };
}

/**
 * Every read returns a value that was there by one order of the writes, the same for all. Exact and linear where every
 * value of a key was written once. Where values repeat, a read that is not even regular is found; else the answer
 * is `unknown`, unless no two writes overlapped, which leaves only one order.
 */
export function stronglyRegularRegister<Ops extends Operations = Operations>(
  options: RegularOptions = {},
): Checker<Ops> {
  return {
    name: 'strongly regular',
    check: (history, context) => check('strongly regular', anyHistory(history), options, context),
  };
}

/** Every read during which nobody wrote returns a value that was there by some order of the writes. Exact; linear. */
export function safeRegister<Ops extends Operations = Operations>(
  options: RegularOptions = {},
): Checker<Ops> {
  return { name: 'safe', check: (history, context) => check('safe', anyHistory(history), options, context) };
}

type Promise = 'safe' | 'regular' | 'strongly regular';

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const MOVES = { read: 'read', write: 'write', cas: 'cas' } as const;

function check(
  name: Promise,
  history: History,
  { initial = null }: RegularOptions,
  context: CheckContext,
): Verdict {
  const budget = new Budget(context);
  const unknown = (because: string): Verdict => ({
    checker: name,
    valid: 'unknown',
    because,
    anomalies: [],
    facts: {},
  });
  if (budget.spent(bytesToJudge(history.length))) return unknown(budget.stopped(history.length));
  const judged = untilSpent(budget, () =>
    judgeReads(registerSteps(history, MOVES, initial, budget), name !== 'safe', budget),
  );
  if (!judged) return unknown(budget.stopped(history.length));
  const ordered = name === 'strongly regular' && !budget.spent(0);
  const wrongKeys = new Set(judged.wrong.map((row) => history.key[row] as number));
  const conflicts = ordered ? disagreements(judged).filter(({ key }) => !wrongKeys.has(key)) : [];
  const because = whyUnknown(name, judged, budget);
  const broken = judged.wrong.length + conflicts.length > 0;
  return {
    checker: name,
    valid: broken ? false : because === undefined ? true : 'unknown',
    ...(!broken && because !== undefined && { because }),
    ...(broken && { disproves: disproved(name, conflicts, judged) }),
    anomalies: anomalies(judged, conflicts, budget.spent(0) ? 1 : EXPLAINED),
    facts: {
      operations: history.length,
      reads: judged.reads,
      'reads judged': judged.judged,
      'reads during writes': judged.readsOverlapping,
      'writes during writes': judged.writesOverlapping,
      'wrong reads': judged.wrong.length,
      ...(ordered && { 'keys without an order of writes': conflicts.length }),
      algorithm: ordered
        ? 'each read against the writes before it; zones of writes'
        : 'each read against the writes before it',
    },
  };
}

/** Explaining one costs a pass, so when time is up that is all. */
function anomalies(judged: JudgedReads, conflicts: readonly Disagreement[], explained: number): Anomaly[] {
  return [
    ...judged.wrong.slice(0, explained).map((row) => wrongRead(judged, row)),
    ...conflicts.slice(0, explained).map((conflict) => disagreement(judged, conflict)),
  ];
}

function whyUnknown(name: Promise, judged: JudgedReads, budget: Budget): string | undefined {
  const { at, reached, reads, values, overlapping } = judged;
  if (reached <= at.last || budget.because)
    return stopped({
      limit: budget.because ?? 'out of time',
      after: `${reached} of ${at.last + 1} events`,
      proven: 'up to there every read was as it may be',
    });
  if (reads === 0) return 'no read succeeded, so nothing could have shown; read while others write';
  if (judged.judged === 0)
    return 'every read overlapped a write, and then a safe register may return anything; read while nobody writes';
  if (name === 'strongly regular' && overlapping.some((yes, k) => yes && !values.distinct[k]))
    return 'a value was written twice to a key whose writes overlapped: each read fits some order of the writes, and whether all fit one is not decided; make values unique';
  return undefined;
}

/** What else the history cannot have come from: whatever promises more. */
function disproved(name: Promise, conflicts: readonly Disagreement[], { wrong }: JudgedReads): string[] {
  if (name === 'safe') return ['linearizable', 'strongly regular', 'regular', 'safe'];
  if (wrong.length > 0) return ['linearizable', 'strongly regular', 'regular'];
  return conflicts.length > 0 ? ['linearizable', 'strongly regular'] : [];
}

import type { Anomaly, CheckContext, Verdict } from '../checker.ts';
import type { Transactions } from './columns.ts';
import { implies, LEVELS } from './levels.ts';
import type { Consistency, Level } from './levels.ts';

/** A verdict on transactions: also what the same history says about every other level, and the order that proves it. */
export interface TransactionVerdict extends Verdict {
  readonly levels: Consistency;
  /** Where serializability is proven: ids of the operations, in an order that {@link replay} accepts. */
  readonly order?: readonly number[];
}

export interface Findings {
  readonly levels: Consistency;
  readonly anomalies: readonly Anomaly[];
  readonly facts: Readonly<Record<string, number | string>>;
  /** Why a level that is neither proven nor refuted is not. */
  readonly because: string;
  readonly order?: Int32Array | undefined;
}

export function verdictOf(
  checker: string,
  txns: Transactions,
  level: Level,
  findings: Findings,
): TransactionVerdict {
  const { levels, anomalies, facts, because, order } = findings;
  const proof = levels[level];
  const disproves = LEVELS.filter((other) => levels[other] === 'refuted');
  return {
    checker,
    valid: proof === 'proven' ? true : proof === 'refuted' ? false : 'unknown',
    ...(proof === 'unknown' && { because }),
    ...(disproves.length > 0 && { disproves }),
    anomalies: forbiddenFirst(anomalies, level),
    facts: { transactions: txns.length, ...facts, ...summary(levels) },
    levels,
    ...(order && { order: Array.from(order, (t) => txns.operation[t] as number) }),
  };
}

/** Nothing was judged, for want of anything to judge. */
export const NOTHING_READ: string =
  'no transaction that succeeded read anything, so nothing could have shown; read what was written';

/** What a map says by the time that a limit was met. */
export function knownOf(levels: Consistency): string {
  const { proven, refuted } = summary(levels);
  const known = [...(proven ? [`${proven} holds`] : []), ...(refuted ? [`${refuted} is broken`] : [])];
  return known.length > 0 ? known.join('; ') : 'nothing';
}

/** What the level asked for does not forbid is still worth telling, after what it does. */
function forbiddenFirst(anomalies: readonly Anomaly[], level: Level): readonly Anomaly[] {
  const forbids = ({ forbiddenBy }: Anomaly): boolean =>
    forbiddenBy === undefined || implies(level, forbiddenBy as Level);
  return [
    ...anomalies.filter(forbids),
    ...anomalies
      .filter((anomaly) => !forbids(anomaly))
      .map((anomaly) => ({ ...anomaly, allowed: true as const })),
  ];
}

/** The map in two lines: the strongest levels that hold and the weakest that do not. */
function summary(levels: Consistency): { readonly proven?: string; readonly refuted?: string } {
  const proven = LEVELS.filter((level) => levels[level] === 'proven');
  const refuted = LEVELS.filter((level) => levels[level] === 'refuted');
  const strongest = proven.filter(
    (level) => !proven.some((other) => implies(other, level) && !implies(level, other)),
  );
  const weakest = refuted.filter(
    (level) => !refuted.some((other) => implies(level, other) && !implies(other, level)),
  );
  return {
    ...(strongest.length > 0 && { proven: strongest.join(', ') }),
    ...(weakest.length > 0 && { refuted: weakest.join(', ') }),
  };
}

/** A deadline that has never been set is never reached. */
export function outOfTime(context: CheckContext | undefined): boolean {
  return context !== undefined && context.now() > context.deadline;
}

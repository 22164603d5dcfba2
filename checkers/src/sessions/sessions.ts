import { combine } from '../checker.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History } from '../history.ts';
import { causalBase } from '../causal/base.ts';
import type { CausalBase } from '../causal/base.ts';
import { pramViolation } from '../causal/pram.ts';
import type { Transactions } from '../transactions/columns.ts';
import { Findings } from '../transactions/findings.ts';
import { judgeTransactionsOf } from '../transactions/from-history.ts';
import { Limits, untilLimit } from '../transactions/limits.ts';
import { registerReads } from '../transactions/register-reads.ts';
import type { RegisterReads } from '../transactions/register-reads.ts';
import { writersOf } from '../transactions/writers.ts';
import { flipFlops } from './flip-flops.ts';
import { staleReads } from './stale-reads.ts';
import type { StaleRead } from './stale-reads.ts';

/**
 * # What one client may rely on
 *
 * ```
 *   read your writes       having written x, I never read anything older from it
 *   monotonic reads        having read x, I never read anything older from it
 *   monotonic writes       whoever has seen my later write does not read what was before my earlier one
 *   writes follow reads    whoever has seen what I wrote does not read what was before what I had read
 *   PRAM                   the first three together: each process sees everyone's writes in the order they were made
 * ```
 *
 * "Older" is certain when a version is the initial one, or when one process wrote both; it is inferred when only
 * causality or real time says so. Inferred violations leave a verdict `unknown`, and are told as what they are.
 */
export const GUARANTEES = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
  'PRAM',
] as const;

export type Guarantee = (typeof GUARANTEES)[number];

export interface SessionOptions {
  /** Which to judge; the four classical ones when left out. PRAM is dearer: a search for every process. */
  readonly guarantees?: readonly Guarantee[];
}

const CLASSICAL: readonly Guarantee[] = GUARANTEES.slice(0, 4);

/** Judges reads and writes with unique values (single, or in transactions) by the guarantees that sessions rely on. */
export function sessions(options: SessionOptions = {}): Checker {
  return {
    name: (options.guarantees ?? ['session guarantees']).join(', '),
    check: (history: History, context) =>
      judgeTransactionsOf(
        history,
        (options.guarantees ?? ['session guarantees']).join(', '),
        context,
        (txns) => checkSessions(txns, options, context),
      ),
  };
}

export function checkSessions(
  txns: Transactions,
  options: SessionOptions = {},
  context?: CheckContext,
): Verdict {
  const name = (options.guarantees ?? ['session guarantees']).join(', ');
  const unknown = (because: string): Verdict => ({
    checker: name,
    valid: 'unknown',
    because,
    anomalies: [],
    facts: {},
  });
  const limits = new Limits(context);
  return untilLimit(() => {
    const reads = registerReads(txns, writersOf(txns, limits), new Findings(), limits);
    if (reads.reads === 0)
      return unknown('no operation that succeeded read anything, so nothing could have shown');
    return judge(name, causalBase(txns, reads, limits), reads, options.guarantees ?? CLASSICAL, limits);
  }, unknown);
}

function judge(
  name: string,
  base: CausalBase,
  reads: RegisterReads,
  wanted: readonly Guarantee[],
  limits: Limits,
): Verdict {
  const { txns } = base;
  const stale = staleReads(base, limits);
  const parts = wanted.map((guarantee): Verdict => {
    if (guarantee === 'PRAM') return pram(base, [...stale, ...flipFlops(base)], limits);
    const found = stale.filter((each) => each.guarantee === guarantee);
    if (guarantee === 'monotonic reads') found.push(...flipFlops(base));
    return verdictOn(guarantee, base, found, reads.ambiguous);
  });
  const facts = { operations: txns.length, processes: txns.processes.length, reads: reads.reads };
  return { ...combine(name, parts), facts };
}

function verdictOn(
  guarantee: string,
  base: CausalBase,
  found: readonly StaleRead[],
  ambiguous: number,
): Verdict {
  const certain = found.filter((each) => each.certain);
  const inferred = found.filter((each) => !each.certain);
  const shown = [...certain.slice(0, 8), ...inferred.slice(0, 8)];
  const because =
    inferred.length > 0
      ? `${inferred.length} reads would be too old if versions came in the order that causality or time suggests, which is not certain`
      : `${ambiguous} reads returned values that more than one operation wrote; make values unique`;
  const valid = certain.length > 0 ? false : inferred.length > 0 || ambiguous > 0 ? 'unknown' : true;
  return {
    checker: guarantee,
    valid,
    ...(valid === 'unknown' && { because }),
    ...(valid === false && { disproves: [guarantee] }),
    anomalies: shown.map((each) => anomalyOf(base, guarantee, each)),
    facts: { certain: certain.length, inferred: inferred.length },
  };
}

function anomalyOf({ txns }: CausalBase, guarantee: string, each: StaleRead): Anomaly {
  return {
    kind: each.certain ? guarantee : `${guarantee} (inferred)`,
    key: txns.keys[each.key] as NonNullable<Anomaly['key']>,
    operations: [...new Set(each.transactions)].map((t) => txns.operation[t] as number),
    explanation: each.explanation,
  };
}

/** The first three guarantees are necessary for PRAM; whether they suffice is decided process by process. */
function pram(base: CausalBase, stale: readonly StaleRead[], limits: Limits): Verdict {
  const direct = stale.filter((each) => each.certain && each.guarantee !== 'writes follow reads');
  if (direct.length > 0) return verdictOn('PRAM', base, direct, 0);
  return untilLimit(
    (): Verdict => {
      const found = pramViolation(base, limits);
      return {
        checker: 'PRAM',
        valid: found === undefined,
        ...(found && { disproves: ['PRAM'] }),
        anomalies: found ? [found] : [],
        facts: {},
      };
    },
    (because) => ({
      checker: 'PRAM',
      valid: 'unknown',
      because: `${because} before every process was looked at`,
      anomalies: [],
      facts: {},
    }),
  );
}

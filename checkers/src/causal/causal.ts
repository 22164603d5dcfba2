import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History } from '../history.ts';
import type { Transactions } from '../transactions/columns.ts';
import { Findings } from '../transactions/findings.ts';
import { judgeTransactionsOf } from '../transactions/from-history.ts';
import { SO, WR, WW } from '../transactions/graph.ts';
import { internalAnomalies } from '../transactions/internal.ts';
import { Limits, untilLimit } from '../transactions/limits.ts';
import { NOTHING_READ } from '../transactions/verdict.ts';
import { registerReads, sourceOf } from '../transactions/register-reads.ts';
import { writersOf } from '../transactions/writers.ts';
import { readAtomicAxioms, readCommittedAxioms } from './axiomatic.ts';
import type { Axioms } from './axiomatic.ts';
import { arbitrate } from './arbitration/arbitration.ts';
import { arbitrateByClocks } from './arbitration/by-clocks.ts';
import { Arrangement } from './arbitration/arrangement.ts';
import { causalBase } from './base.ts';
import type { CausalBase } from './base.ts';
import { clocksOf } from './clocks.ts';
import { orderCycle } from './commit-order.ts';
import type { CausalStep } from './commit-order.ts';
import { describeCycle, describeStale, describeWeak } from './explain.ts';
import { causalMemory } from './memory.ts';
import { weakViolation } from './weak.ts';
import { writesBySession } from './writes-by-session.ts';

/**
 * The causal family, and the two levels below it that are decided the same way:
 *
 * - `read committed`, `read atomic`: axioms about what a transaction has seen of another (Biswas & Enea);
 * - `CC`: everyone's past can be explained to them, each in an order of their own;
 * - `CCv`: one order explains everyone's past (convergence; Biswas & Enea, Plume and AWDIT call this causal consistency);
 * - `CM`: each session keeps to its own order for all that it ever read.
 *
 * CCv and CM each imply CC, and neither implies the other.
 */
export type CausalLevel = 'read committed' | 'read atomic' | 'CC' | 'CCv' | 'CM';

export interface CausalOptions {
  readonly level?: CausalLevel;
  /** How many bytes of vector clocks to hold at a time; more sessions than fit are done in several passes. */
  readonly clockBytes?: number;
}

/** Judges reads and writes with unique values, single or in transactions, by causality alone: no times needed. */
export function causal(options: CausalOptions = {}): Checker {
  return {
    name: `causal ${options.level ?? 'CCv'}`,
    check: (history: History, context) =>
      judgeTransactionsOf(history, `causal ${options.level ?? 'CCv'}`, context, (txns) =>
        checkCausal(txns, options, context),
      ),
  };
}

export function checkCausal(
  txns: Transactions,
  options: CausalOptions = {},
  context?: CheckContext,
): Verdict {
  const limits = new Limits(context);
  return untilLimit(
    () => checkWithin(txns, options, limits),
    (because) => ({
      checker: `causal ${options.level ?? 'CCv'}`,
      valid: 'unknown',
      because: because(),
      anomalies: [],
      facts: { transactions: txns.length, sessions: txns.processes.length },
    }),
  );
}

function checkWithin(txns: Transactions, options: CausalOptions, limits: Limits): Verdict {
  const level = options.level ?? 'CCv';
  const findings = new Findings();
  const writers = writersOf(txns, limits);
  const reads = registerReads(txns, writers, findings, limits);
  if (level === 'read committed') for (const m of reads.again) reads.source[m] = sourceOf(txns, writers, m);
  internalAnomalies(txns, findings, limits);
  const facts = { transactions: txns.length, sessions: txns.processes.length, reads: reads.reads };
  const verdict = (valid: Verdict['valid'], anomalies: readonly Anomaly[], because?: string): Verdict => ({
    checker: `causal ${level}`,
    valid,
    ...(because !== undefined && { because }),
    ...(valid === false && { disproves: [level] }),
    anomalies,
    facts: { ...facts, ...findings.counts },
  });
  if (reads.reads === 0) return verdict('unknown', [], NOTHING_READ);
  const forbidden = findings.found.filter(
    ({ class: kind }) => level !== 'read committed' || kind !== 'single',
  );
  if (forbidden.length > 0)
    return verdict(
      false,
      forbidden.map(({ kind, transactions, explanation, key }) => ({
        kind,
        key: txns.keys[key] as NonNullable<Anomaly['key']>,
        operations: transactions.map((t) => txns.operation[t] as number),
        explanation,
      })),
    );
  const base = causalBase(txns, reads, limits);
  const found = judge(base, level, options.clockBytes ?? 256e6, limits);
  if (found) return verdict(false, [found]);
  if (reads.ambiguous > 0)
    return verdict(
      'unknown',
      [],
      `${reads.ambiguous} reads returned values that more than one operation wrote, so nobody can tell whose they read; make values unique`,
    );
  return verdict(true, []);
}

/** The first violation of a level, or nothing. */
function judge(
  base: CausalBase,
  level: CausalLevel,
  clockBytes: number,
  limits: Limits,
): Anomaly | undefined {
  const arrangement = new Arrangement(base, limits);
  if (arrangement.order.length < base.members.length)
    return describeCycle(base, 'CyclicCO', orderCycle(base, undefined, WR, limits) as CausalStep[]);
  if (level === 'read committed')
    return byAxioms(base, readCommittedAxioms(base, limits), 'non-monotonic read', limits);
  if (level === 'read atomic')
    return byAxioms(base, readAtomicAxioms(base, limits), 'fractured read', limits);
  const order = arrangement.order.slice();
  // One order for everyone is also an order for each, and most histories have one.
  if (level !== 'CM') {
    const converging = convergence(base, arrangement, order, clockBytes, limits);
    if (converging === undefined || level === 'CCv' || converging.kind === 'WriteCOInitRead')
      return converging;
    return weak(base, order, limits);
  }
  const stale = convergence(base, arrangement, order, clockBytes, limits);
  if (stale?.kind === 'WriteCOInitRead') return stale;
  const memory = causalMemory(base, writesBySession(base, limits), limits);
  if ('holds' in memory) return undefined;
  const { violation } = memory;
  return violation.steps
    ? describeCycle(base, violation.kind, violation.steps, violation.session, violation.passed)
    : describeStale(
        base,
        violation.kind,
        { micro: violation.micro as number, other: violation.other as number },
        violation.passed,
      );
}

function weak(base: CausalBase, order: Int32Array, limits: Limits): Anomaly | undefined {
  const clocks = clocksOf(base, order, { first: 0, width: base.sessions }, limits);
  const violation = weakViolation(base, writesBySession(base, limits), clocks, limits);
  return violation && describeWeak(base, violation);
}

function byAxioms(base: CausalBase, axioms: Axioms, kind: string, limits: Limits): Anomaly | undefined {
  const stale = axioms.stale[0];
  if (stale) return describeStale(base, kind, stale);
  const cycle = orderCycle(base, axioms.passed, WW | WR | SO, limits);
  return cycle && describeCycle(base, kind, cycle);
}

/** Why no one order explains everyone's past, if none does. */
function convergence(
  base: CausalBase,
  arrangement: Arrangement,
  order: Int32Array,
  clockBytes: number,
  limits: Limits,
): Anomaly | undefined {
  const arbitration = limits.passing(() => arbitrate(base, arrangement, limits));
  const found =
    arbitration.holds === 'unknown' ? arbitrateByClocks(base, order, clockBytes, limits) : arbitration;
  if (found.holds === true) return undefined;
  if ('stale' in found) return describeStale(base, 'WriteCOInitRead', found.stale);
  const cycle = orderCycle(base, found.passed, WW, limits);
  return cycle && describeCycle(base, 'CyclicCF', cycle);
}

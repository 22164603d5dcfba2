import { combine } from '../checker.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History } from '../history.ts';
import { causalBase } from '../causal/base.ts';
import type { CausalBase } from '../causal/base.ts';
import { orderCycle } from '../causal/commit-order.ts';
import { describeCycle } from '../causal/explain.ts';
import { sessionsMonitor } from '../monitor/sessions.ts';
import { pramViolation } from '../causal/pram.ts';
import type { Transactions } from '../transactions/columns.ts';
import { Findings, findingsAsAnomalies } from '../transactions/findings.ts';
import { WR } from '../transactions/graph.ts';
import { judgeTransactionsOf } from '../transactions/from-history.ts';
import { Limits, untilLimit } from '../transactions/limits.ts';
import { NOTHING_READ } from '../transactions/verdict.ts';
import { registerReads } from '../transactions/register-reads.ts';
import type { RegisterReads } from '../transactions/register-reads.ts';
import { writersOf } from '../transactions/writers.ts';
import { Clients } from './clients.ts';
import { flipFlops } from './flip-flops.ts';
import { newerWrites } from './newer-writes.ts';
import { ownPast } from './own-past.ts';
import { StaleReads } from './stale-read.ts';
import type { Classical, StaleRead } from './stale-read.ts';
import { staleReads } from './stale-reads.ts';

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
 * causality or real time says so. Inferred violations leave a verdict `unknown`, and are told as what they are. Each
 * guarantee is judged by itself: a read can break several. What nobody wrote breaks whatever was promised.
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
  const { guarantees = CLASSICAL } = options;
  const name = (options.guarantees ?? ['session guarantees']).join(', ');
  return {
    name,
    check: (history: History, context) =>
      judgeTransactionsOf(history, name, context, (txns) => checkSessions(txns, options, context)),
    ...(!guarantees.includes('PRAM') && {
      monitor: () => sessionsMonitor(name, new Set(guarantees as readonly Classical[])),
    }),
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
  return untilLimit(
    () => {
      const findings = new Findings();
      const reads = registerReads(txns, writersOf(txns, limits), findings, limits);
      if (reads.reads === 0) return unknown(NOTHING_READ);
      const base = causalBase(txns, reads, limits);
      const parts = judge(base, reads, options.guarantees ?? CLASSICAL, limits);
      const unwritten = readsOfNothingWritten(txns, findings);
      return {
        ...combine(name, unwritten ? [unwritten, ...parts] : parts),
        facts: { operations: txns.length, processes: txns.processes.length, reads: reads.reads },
      };
    },
    (because) => unknown(because()),
  );
}

function judge(
  base: CausalBase,
  reads: RegisterReads,
  wanted: readonly Guarantee[],
  limits: Limits,
): readonly Verdict[] {
  const clients = new Clients(base);
  const newer = newerWrites(base, clients, limits);
  const own = new StaleReads();
  ownPast(base, clients, newer, own, limits);
  flipFlops(base, clients, own);
  const others = staleReads(base, clients, newer, limits);
  return wanted.map((guarantee): Verdict => {
    if (guarantee === 'PRAM') return pram(base, own, reads.ambiguous, limits);
    const follow = guarantee === 'writes follow reads';
    const circle = follow && others.circular ? circular(base, limits) : undefined;
    return verdictOn(guarantee, base, {
      circle,
      certain: (follow ? others.found : own).count(guarantee, true) + (circle ? 1 : 0),
      inferred: others.found.count(guarantee, false),
      shown: [...(follow ? others.found : own).of(guarantee, true), ...others.found.of(guarantee, false)],
      doubt:
        others.because ??
        (follow ? others.becauseOfChains : undefined) ??
        (reads.ambiguous > 0 ? ambiguity(reads.ambiguous) : undefined),
    });
  });
}

interface Found {
  readonly circle?: Anomaly | undefined;
  readonly certain: number;
  readonly inferred: number;
  readonly shown: readonly StaleRead[];
  /** Why nothing would be proven by nothing found. */
  readonly doubt: string | undefined;
}

function verdictOn(guarantee: string, base: CausalBase, found: Found): Verdict {
  const { circle, certain, inferred, shown, doubt } = found;
  const because =
    inferred > 0
      ? `${inferred} reads would be too old if versions came in the order that causality or time suggests, which is not certain`
      : doubt;
  const valid = certain > 0 ? false : because === undefined || 'unknown';
  return {
    checker: guarantee,
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(valid === false && { disproves: [guarantee] }),
    anomalies: [...(circle ? [circle] : []), ...shown.map((each) => anomalyOf(base, guarantee, each))],
    facts: { certain, inferred },
  };
}

function ambiguity(ambiguous: number): string {
  return `${ambiguous} reads returned values that more than one operation wrote; make values unique`;
}

/** Each wrote after its client had seen what the one before wrote, and so on in a circle: no order of those writes follows all reads. */
function circular(base: CausalBase, limits: Limits): Anomaly | undefined {
  const cycle = orderCycle(base, undefined, WR, limits);
  return cycle && describeCycle(base, 'writes follow reads', cycle);
}

/** What nobody wrote, or only somebody who failed, no client can rely on, whatever it is promised. */
function readsOfNothingWritten(txns: Transactions, findings: Findings): Verdict | undefined {
  const anomalies = findingsAsAnomalies(txns, findings).filter(({ kind }) => kind !== 'G1b');
  if (anomalies.length === 0) return undefined;
  const { G1b: _, ...facts } = findings.counts;
  const checker = 'reads of what was written';
  return {
    checker,
    valid: false,
    disproves: [checker],
    anomalies: anomalies.map(({ forbiddenBy: __, ...anomaly }) => anomaly),
    facts,
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
function pram(base: CausalBase, own: StaleReads, ambiguous: number, limits: Limits): Verdict {
  const direct = CLASSICAL.slice(0, 3) as readonly Classical[];
  const certain = direct.reduce((sum, each) => sum + own.count(each, true), 0);
  const doubt = ambiguous > 0 ? ambiguity(ambiguous) : undefined;
  const shown = direct.flatMap((each) => own.of(each, true));
  if (certain > 0) return verdictOn('PRAM', base, { certain, inferred: 0, shown, doubt });
  return untilLimit(
    (): Verdict => {
      const found = pramViolation(base, limits);
      const valid = found ? false : doubt === undefined || 'unknown';
      return {
        checker: 'PRAM',
        valid,
        ...(valid === 'unknown' && doubt !== undefined && { because: doubt }),
        ...(found && { disproves: ['PRAM'] }),
        anomalies: found ? [found] : [],
        facts: {},
      };
    },
    (because) => ({
      checker: 'PRAM',
      valid: 'unknown',
      because: because('nothing against PRAM in one step'),
      anomalies: [],
      facts: {},
    }),
  );
}

import type { Anomaly, CheckContext, Checker } from '../checker.ts';
import type { History } from '../history.ts';
import type { Transactions } from './columns.ts';
import { findCycles, nameCycle } from './cycles.ts';
import type { CycleAnomaly, CycleReport } from './cycles.ts';
import { dataClasses, Findings, findingsAsAnomalies } from './findings.ts';
import { judgeTransactionsOf } from './from-history.ts';
import { RW, WW } from './graph.ts';
import { internalAnomalies } from './internal.ts';
import { consistencyMap, FAMILIES, implies } from './levels.ts';
import type { Consistency, Family, Forbidden, Level } from './levels.ts';
import { Limits, untilLimit } from './limits.ts';
import { cyclesForbidden } from './list-append.ts';
import type { TransactionOptions } from './list-append.ts';
import { refute } from './refute.ts';
import { certainDependencies, circularReads, cycleAsAnomaly } from './register-cycles.ts';
import { registerKnowledge } from './register-knowledge.ts';
import type { RegisterKnowledge } from './register-knowledge.ts';
import { replay } from './replay.ts';
import { replaySnapshots } from './replay-snapshots.ts';
import { schedule } from './schedule/schedule.ts';
import type { Schedule } from './schedule/schedule.ts';
import { knownOf, NOTHING_READ, verdictOf } from './verdict.ts';
import type { TransactionVerdict } from './verdict.ts';

/**
 * Judges transactions that read and write registers, each written value unique.
 *
 * Who read from whom is known from the values; the order of versions is not, and is searched for by running the
 * transactions (see {@link schedule}). A level is proven by an order of transactions, replayed; it is refuted by a small
 * set of transactions for which there is none.
 */
export function rwRegister(options: TransactionOptions = {}): Checker {
  const level = options.level ?? 'serializable';
  return {
    name: `rw-register ${level}`,
    check: (history: History, context) =>
      judgeTransactionsOf(history, `rw-register ${level}`, context, (txns) =>
        checkRwRegister(txns, { level }, context),
      ),
  };
}

export function checkRwRegister(
  txns: Transactions,
  options: TransactionOptions = {},
  context?: CheckContext,
): TransactionVerdict {
  const level = options.level ?? 'serializable';
  const name = `rw-register ${level}`;
  const findings = new Findings();
  const judgement: Judgement = { found: [], proven: [], anomalies: [], facts: {} };
  const known = (): Consistency =>
    consistencyMap([...dataClasses(findings), ...judgement.found], judgement.proven);
  const because = untilLimit(
    () => judge(txns, level, findings, judgement, new Limits(context)),
    (limit) => limit(knownOf(known())),
  );
  return verdictOf(name, txns, level, {
    levels: known(),
    anomalies: [...findingsAsAnomalies(txns, findings), ...judgement.anomalies],
    facts: { ...findings.counts, ...judgement.facts },
    because: because ?? 'the history holds no times, so nothing can be said about real time',
    order: judgement.order,
  });
}

/** What is found out bit by bit. Where a limit is met, what there is by then is true all the same. */
interface Judgement {
  readonly found: Forbidden[];
  readonly proven: Level[];
  readonly anomalies: Anomaly[];
  readonly facts: Record<string, number | string>;
  order?: Int32Array;
}

/** Returns why what is undecided is, where there is a reason. */
function judge(
  txns: Transactions,
  level: Level,
  findings: Findings,
  judgement: Judgement,
  limits: Limits,
): string | undefined {
  internalAnomalies(txns, findings, limits);
  const known = registerKnowledge(txns, findings, limits);
  if (known.reads.reads === 0) return NOTHING_READ;
  judgement.facts['chains of versions'] = known.versions.chains;
  if (known.reads.ambiguous > 0) {
    certainCycles(known, judgement, limits);
    return `${known.reads.ambiguous} reads returned values that more than one transaction wrote, so nobody can tell whose they read; make values unique`;
  }
  const strongest = familiesOf(txns).at(-1) as Family;
  const first = schedule({ ...known, family: strongest, snapshot: false }, limits);
  const { ambiguities } = known.writers;
  if (ambiguities > 0) {
    // Versions are told apart by their values: where two have the same, an order that replays proves, and what is certain refutes.
    if (first.explains === true && findings.classes.size === 0 && replay(txns, first.order) === undefined)
      proveSerializable(known, strongest, first, judgement);
    certainCycles(known, judgement, limits);
    return `${ambiguities} values were written to the same key by more than one transaction, so nobody can tell their versions apart; make values unique`;
  }
  if (first.explains === true && findings.classes.size === 0) {
    // Whoever has an order that keeps everything keeps every promise: no graph is needed.
    proveSerializable(known, strongest, first, judgement);
    return undefined;
  }
  // Some order of versions always avoids dirty writes alone, so only what was found speaks against it.
  if (!findings.classes.has('dirty write')) judgement.proven.push(NAMES[strongest].uncommitted);
  readCommitted(known, findings, judgement, limits);
  certainCycles(known, judgement, limits);
  return snapshotAndSerializable(known, level, findings, judgement, first, limits);
}

function familiesOf(txns: Transactions): readonly Family[] {
  return txns.timed ? FAMILIES : ['data', 'process'];
}

const NAMES: Readonly<
  Record<Family, Readonly<Record<'uncommitted' | 'committed' | 'snapshot' | 'serializable', Level>>>
> = {
  data: {
    uncommitted: 'read uncommitted',
    committed: 'read committed',
    snapshot: 'snapshot isolation',
    serializable: 'serializable',
  },
  process: {
    uncommitted: 'strong session read uncommitted',
    committed: 'strong session read committed',
    snapshot: 'strong session snapshot isolation',
    serializable: 'strong session serializable',
  },
  realtime: {
    uncommitted: 'strong read uncommitted',
    committed: 'strong read committed',
    snapshot: 'strong snapshot isolation',
    serializable: 'strict serializable',
  },
};

/** Read committed forbids nothing but circles of reads: versions can be ordered as their writers are. */
function readCommitted(
  known: RegisterKnowledge,
  findings: Findings,
  judgement: Judgement,
  limits: Limits,
): void {
  const dirty = findings.classes.has('dirty write') || findings.classes.has('dirty read');
  let weakest: { family: Family; report: CycleReport } | undefined;
  for (const family of familiesOf(known.txns).toReversed()) {
    const report = circularReads(certainDependencies(known, family, limits), limits);
    if (report) weakest = { family, report };
    else {
      if (!dirty) judgement.proven.push(NAMES[family].committed);
      break;
    }
  }
  if (!weakest) return;
  judgement.found.push({ family: weakest.family, class: 'dirty read' });
  judgement.anomalies.push(...weakest.report.anomalies.map((cycle) => cycleAsAnomaly(known, cycle)));
}

/**
 * Cycles that no order of versions avoids. Chains of reads-then-writes hold only at levels that forbid lost updates,
 * so these cycles say nothing about read committed.
 */
function certainCycles(known: RegisterKnowledge, judgement: Judgement, limits: Limits): void {
  const strongest = familiesOf(known.txns).at(-1) as Family;
  const report = findCycles(certainDependencies(known, strongest, limits), limits);
  judgement.found.push(
    ...cyclesForbidden(report).filter((each) => ['single', 'fork', 'any'].includes(each.class)),
  );
  const read = new Set(judgement.anomalies.map((anomaly) => anomaly.explanation));
  judgement.anomalies.push(
    ...report.anomalies
      .map((cycle) => cycleAsAnomaly(known, asAntiDependencies(cycle)))
      .filter((anomaly) => !read.has(anomaly.explanation)),
  );
}

/** A certain ww edge leads from whoever read the initial value to whoever overwrote it: at bottom, an rw. */
function asAntiDependencies(anomaly: CycleAnomaly): CycleAnomaly {
  if (anomaly.class !== 'dirty read' && anomaly.class !== 'dirty write') return anomaly;
  return nameCycle(anomaly.steps.map((step) => (step.label === WW ? { ...step, label: RW } : step)));
}

/** Above this many transactions only what was asked for is searched for; the rest of the map may stay unknown. */
const WHOLE_MAP_MAX = 100_000;
/** What a search may cost that nobody asked for. */
const ASIDE_CONFLICTS = 20_000;

/** From the strongest question to the weakest; whatever an earlier answer implies is not asked again. */
function snapshotAndSerializable(
  known: RegisterKnowledge,
  level: Level,
  findings: Findings,
  judgement: Judgement,
  first: Schedule,
  limits: Limits,
): string | undefined {
  const { txns } = known;
  const families = familiesOf(txns).toReversed();
  let undecided: string | undefined;
  for (const snapshot of [false, true])
    for (const family of families) {
      const name = NAMES[family][snapshot ? 'snapshot' : 'serializable'];
      const map = consistencyMap([...dataClasses(findings), ...judgement.found], judgement.proven);
      if (map[name] !== 'unknown') continue;
      const asked = map[level] === 'unknown' && (implies(name, level) || implies(level, name));
      if (txns.length > WHOLE_MAP_MAX && !asked) continue;
      const found =
        !snapshot && family === families[0]
          ? first
          : schedule({ ...known, family, snapshot }, limits, asked ? undefined : ASIDE_CONFLICTS);
      if (found.explains === true && snapshot) proveSnapshots(known, family, found, judgement);
      else if (found.explains === true) proveSerializable(known, family, found, judgement);
      else if (found.explains === false) {
        judgement.found.push({ family, class: snapshot ? 'fork' : 'any' });
        judgement.anomalies.push(refute(known, { family, snapshot }, found.core, name, limits));
      } else
        undecided ??= `no order was found, nor proof that there is none, in ${found.conflicts} attempts; give it more time, or read before you write, which tells in which order versions came`;
    }
  return undecided;
}

function proveSerializable(
  { txns }: RegisterKnowledge,
  family: Family,
  { order }: Schedule,
  judgement: Judgement,
): void {
  assertReplays(replay(txns, order));
  judgement.proven.push(NAMES[family].serializable);
  judgement.order ??= order;
}

function proveSnapshots(
  { txns }: RegisterKnowledge,
  family: Family,
  { order }: Schedule,
  judgement: Judgement,
): void {
  assertReplays(replaySnapshots(txns, order));
  judgement.proven.push(NAMES[family].snapshot);
}

/** An order that the search found and that does not replay is a mistake of the search. */
function assertReplays(wrong: string | undefined): void {
  if (wrong !== undefined)
    throw new Error(`an order that was found does not replay (${wrong}): this is a bug`);
}

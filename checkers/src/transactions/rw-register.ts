import type { Anomaly, CheckContext, Checker } from '../checker.ts';
import type { History } from '../history.ts';
import type { Transactions } from './columns.ts';
import { components } from './components.ts';
import { findCycles, nameCycle } from './cycles.ts';
import type { CycleAnomaly } from './cycles.ts';
import { explainCycle, registerReason } from './explain.ts';
import { Findings } from './findings.ts';
import { transactionsOf } from './from-history.ts';
import { graphOf, RT, RW, SO, VIA, WR, WW } from './graph.ts';
import type { Edges } from './graph.ts';
import { internalAnomalies } from './internal.ts';
import { consistencyMap, FAMILIES, implies } from './levels.ts';
import type { Class, Family, Forbidden, Level } from './levels.ts';
import { cyclesForbidden } from './list-append.ts';
import type { TransactionOptions } from './list-append.ts';
import { Limits, untilLimit } from './limits.ts';
import { minimalCore } from './minimal-core.ts';
import { addRealTimeEdges, addSessionEdges } from './order-edges.ts';
import { registerReads } from './register-reads.ts';
import type { RegisterReads } from './register-reads.ts';
import { certainEdges, registerVersions } from './register-versions.ts';
import type { RegisterVersions } from './register-versions.ts';
import { replay } from './replay.ts';
import { pairsOf, prepare, settle } from './settle.ts';
import type { Prepared, Settled } from './settle.ts';
import { schedule } from './schedule/schedule.ts';
import type { Schedule } from './schedule/schedule.ts';
import { outOfTime, verdictOf } from './verdict.ts';
import type { TransactionVerdict } from './verdict.ts';
import { describe, nameOf } from './words.ts';
import { writersOf } from './writers.ts';
import type { Writers } from './writers.ts';

/**
 * Judges transactions that read and write registers, each written value unique.
 *
 * Who read from whom is known from the values; the order of versions is not, and is searched for: chains of
 * reads-then-writes first, then a guess that is checked and mended where it is wrong (see {@link settle}). A level is
 * proven by an order of versions without forbidden cycles, for serializability replayed; it is refuted by a small
 * set of transactions for which no order of versions will do.
 */
export function rwRegister(options: TransactionOptions = {}): Checker {
  const level = options.level ?? 'serializable';
  return {
    name: `rw-register ${level}`,
    check: (history: History, context) => checkRwRegister(transactionsOf(history), { level }, context),
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
  const writers = writersOf(txns);
  const reads = registerReads(txns, writers, findings);
  internalAnomalies(txns, findings);
  if (reads.reads === 0)
    return verdictOf(name, txns, level, {
      levels: consistencyMap([], []),
      anomalies: [],
      facts: {},
      because: 'no transaction that succeeded read anything, so nothing could have shown',
    });
  const versions = registerVersions(txns, writers, reads, findings);
  const known: Known = { txns, writers, reads, versions };
  const judged = untilLimit(
    () => judge(known, findings, level, context),
    (because): Judgement => ({ found: dataClasses(findings), proven: [], anomalies: [], because }),
  );
  return verdictOf(name, txns, level, {
    levels: consistencyMap(judged.found, reads.ambiguous > 0 ? [] : judged.proven),
    anomalies: [...findingsAsAnomalies(txns, findings), ...judged.anomalies],
    facts: { ...findings.counts, 'chains of versions': versions.chains },
    because:
      reads.ambiguous > 0
        ? `${reads.ambiguous} reads returned values that more than one transaction wrote, so nobody can tell whose they read; make values unique`
        : (judged.because ?? 'the history holds no times, so nothing can be said about real time'),
    order: judged.order,
  });
}

interface Known {
  readonly txns: Transactions;
  readonly writers: Writers;
  readonly reads: RegisterReads;
  readonly versions: RegisterVersions;
}

interface Judgement {
  readonly found: Forbidden[];
  readonly proven: Level[];
  readonly anomalies: Anomaly[];
  because?: string;
  order?: Int32Array | undefined;
}

function judge(known: Known, findings: Findings, level: Level, context: CheckContext | undefined): Judgement {
  const { txns } = known;
  const judgement: Judgement = {
    found: dataClasses(findings),
    proven: [],
    anomalies: [],
  };
  // Some order of versions always avoids dirty writes alone, so only what was found speaks against it.
  if (!findings.classes.has('dirty write'))
    judgement.proven.push(
      'read uncommitted',
      'strong session read uncommitted',
      ...(txns.timed ? (['strong read uncommitted'] as const) : []),
    );
  const strongest = familiesOf(txns).at(-1) as Family;
  const first = schedule({ ...known, family: strongest }, new Limits(context));
  if (first.explains === true && findings.classes.size === 0) {
    // Whoever has an order that keeps everything keeps every promise: no graph is needed.
    replayed(txns, first.order);
    judgement.proven.push(NAMES[strongest].serializable);
    judgement.order = first.order;
    return judgement;
  }
  readCommitted(known, findings, judgement);
  certainCycles(known, judgement);
  snapshotAndSerializable(known, level, context, judgement, new Map([[strongest, first]]));
  return judgement;
}

function dataClasses({ classes }: Findings): Forbidden[] {
  return [...classes].map((each) => ({ family: 'data', class: each }));
}

/** An order that the search found and that does not replay would be a mistake of the search. */
function replayed(txns: Transactions, order: Int32Array): void {
  const wrong = replay(txns, order);
  if (wrong !== undefined)
    throw new Error(`an order that was found does not replay (${wrong}): this is a bug`);
}

/** Read committed forbids nothing but circles of reads: versions can be ordered as their writers are. */
function readCommitted(known: Known, findings: Findings, judgement: Judgement): void {
  const dirty = findings.classes.has('dirty write') || findings.classes.has('dirty read');
  const strongest = familiesOf(known.txns).at(-1) as Family;
  const all = edgesOf(known, strongest);
  if (components(graphOf(all.nodes, all.edges, WR | SO | VIA | RT)).count === 0) {
    if (!dirty) judgement.proven.push(NAMES[strongest].committed);
    return;
  }
  for (const family of familiesOf(known.txns)) {
    const { edges, nodes, gathered } = edgesOf(known, family);
    const mask = WR | SO | VIA | RT;
    if (components(graphOf(nodes, edges, mask)).count === 0) {
      if (!dirty) judgement.proven.push(NAMES[family].committed);
      continue;
    }
    judgement.found.push({ family, class: 'dirty read' });
    const report = findCycles({
      transactions: known.txns.length,
      firstRealTimeJunction: gathered,
      nodes,
      edges: only(edges, mask),
    });
    judgement.anomalies.push(...cyclesAsAnomalies(known, report.anomalies));
    return;
  }
}

/** A certain ww edge leads from whoever read the initial value to whoever overwrote it: at bottom, an rw. */
function asAntiDependencies(anomaly: CycleAnomaly): CycleAnomaly {
  if (anomaly.class !== 'dirty read' && anomaly.class !== 'dirty write') return anomaly;
  return nameCycle(anomaly.steps.map((step) => (step.label === WW ? { ...step, label: RW } : step)));
}

/**
 * Cycles that no order of versions avoids. Chains of reads-then-writes hold only at levels that forbid lost updates,
 * so these cycles say nothing about read committed.
 */
function certainCycles(known: Known, judgement: Judgement): void {
  const { txns, reads, writers, versions } = known;
  const { edges, nodes: firstRealTimeJunction } = certainEdges(txns, writers, versions);
  addSessionEdges(edges, txns, reads.happened);
  const nodes = txns.timed
    ? addRealTimeEdges(edges, txns, reads.happened, firstRealTimeJunction)
    : firstRealTimeJunction;
  const report = findCycles({ transactions: txns.length, firstRealTimeJunction, nodes, edges });
  if (report.order && pairsOf(versions) === 0) {
    // One chain a key leaves nothing to search for: what is certain is all there is.
    const order = report.order.filter((t) => reads.happened[t] === 1);
    if (replay(txns, order) === undefined) {
      judgement.proven.push(NAMES[familiesOf(txns).at(-1) as Family].serializable);
      judgement.order = order;
    }
  }
  const kept = cyclesForbidden(report).filter((each) => ['single', 'fork', 'any'].includes(each.class));
  judgement.found.push(...kept);
  const read = new Set(judgement.anomalies.map((anomaly) => anomaly.explanation));
  judgement.anomalies.push(
    ...cyclesAsAnomalies(known, report.anomalies.map(asAntiDependencies)).filter(
      (anomaly) => !read.has(anomaly.explanation),
    ),
  );
}

function only(edges: Edges, mask: number): Edges {
  const kept = { length: 0, from: edges.from.slice(), to: edges.to.slice(), label: edges.label.slice() };
  for (let e = 0; e < edges.length; e++) {
    if (!((edges.label[e] as number) & mask)) continue;
    kept.from[kept.length] = edges.from[e] as number;
    kept.to[kept.length] = edges.to[e] as number;
    kept.label[kept.length++] = edges.label[e] as number;
  }
  return kept;
}

function edgesOf({ txns, writers, reads, versions }: Known, family: Family) {
  const { edges, nodes: gathered } = certainEdges(txns, writers, versions);
  if (family !== 'data') addSessionEdges(edges, txns, reads.happened);
  const nodes = family === 'realtime' ? addRealTimeEdges(edges, txns, reads.happened, gathered) : gathered;
  return { edges, nodes, gathered };
}

function familiesOf(txns: Transactions): readonly Family[] {
  return txns.timed ? FAMILIES : ['data', 'process'];
}

const NAMES: Readonly<Record<Family, Readonly<Record<'committed' | 'snapshot' | 'serializable', Level>>>> = {
  data: { committed: 'read committed', snapshot: 'snapshot isolation', serializable: 'serializable' },
  process: {
    committed: 'strong session read committed',
    snapshot: 'strong session snapshot isolation',
    serializable: 'strong session serializable',
  },
  realtime: {
    committed: 'strong read committed',
    snapshot: 'strong snapshot isolation',
    serializable: 'strict serializable',
  },
};

/** Above this many transactions only what was asked for is searched for; the rest of the map may stay unknown. */
const WHOLE_MAP_MAX = 100_000;

/** Nodes that a search may visit: for the level that was asked about, and for the rest of the map. */
const ASKED_WORK = 2e9;
const ASIDE_WORK = 5e7;

/** From the strongest question to the weakest; whatever an earlier answer implies is not asked again. */
function snapshotAndSerializable(
  known: Known,
  level: Level,
  context: CheckContext | undefined,
  judgement: Judgement,
  scheduled: Map<Family, Schedule>,
): void {
  const { txns } = known;
  const stop = (): boolean => outOfTime(context);
  for (const snapshot of [false, true])
    for (const family of familiesOf(txns).toReversed()) {
      const name = NAMES[family][snapshot ? 'snapshot' : 'serializable'];
      const map = consistencyMap(judgement.found, judgement.proven);
      if (map[name] !== 'unknown') continue;
      if (
        txns.length > WHOLE_MAP_MAX &&
        (map[level] !== 'unknown' || !(implies(name, level) || implies(level, name)))
      )
        continue;
      const guess = scheduled.get(family) ?? schedule({ ...known, family }, new Limits(context));
      scheduled.set(family, guess);
      const problem = { ...known, family, snapshot, stop, position: guess.position };
      const settled: Settled =
        !snapshot && guess.explains === true
          ? { holds: true, order: guess.order }
          : !snapshot && guess.explains === false
            ? { holds: false, core: guess.core }
            : settle(prepare(problem), map[level] === 'unknown' ? ASKED_WORK : ASIDE_WORK);
      if (settled.holds === true) {
        if (settled.order) replayed(txns, settled.order);
        judgement.proven.push(name);
        judgement.order ??= settled.order;
      } else if (settled.holds === 'unknown') judgement.because ??= settled.because;
      else {
        const forbidden: Class = snapshot ? 'fork' : 'any';
        judgement.found.push({ family, class: forbidden });
        judgement.anomalies.push(refutation(prepare(problem, false), settled.core, name));
      }
    }
}

/** The transactions for which no order of versions will do, as few as could be found, and the cycle where one is enough. */
function refutation(prepared: Prepared, core: readonly number[], level: Level): Anomaly {
  const { txns, family, snapshot, gathered, nodes, edges } = prepared;
  const members = closedCore(prepared, core);
  const report = findCycles({
    transactions: txns.length,
    firstRealTimeJunction: gathered,
    nodes,
    edges: among(edges, new Set(members), txns.length),
  });
  const cycle = report.anomalies.find((anomaly) => !snapshot || anomaly.class !== 'any');
  if (cycle) return cyclesAsAnomalies(prepared, [cycle])[0] as Anomaly;
  const suffix = family === 'data' ? '' : `-${family}`;
  return {
    kind: `${snapshot ? 'G-SI' : 'G2-item'}${suffix}`,
    operations: members.map((t) => txns.operation[t] as number),
    explanation:
      `${members.map((t) => describe(txns, t)).join('; ')}. ` +
      `However the writes of each key are ordered, some of ${members.map((t) => nameOf(txns, t)).join(', ')} would have to come before itself, so this is not ${level}.`,
  };
}

/** The core with whoever is needed to refute it on its own: first itself, then its neighbours, then everyone. */
function closedCore(prepared: Prepared, core: readonly number[]): number[] {
  const { position, reads } = prepared;
  const places = core.map((t) => position[t] as number);
  const [first, last] = [Math.min(...places) - 64, Math.max(...places) + 64];
  const all = Array.from(position.keys()).filter((t) => reads.happened[t] === 1);
  const near = all.filter((t) => (position[t] as number) >= first && (position[t] as number) <= last);
  for (const some of [core, near, all]) {
    const { members, refuted } = minimalCore(prepared, some);
    if (refuted) return members;
  }
  return [...core];
}

/** Edges inside a set of transactions, and those through junctions. */
function among(edges: Edges, inside: ReadonlySet<number>, transactions: number): Edges {
  const kept = { length: 0, from: edges.from.slice(), to: edges.to.slice(), label: edges.label.slice() };
  for (let e = 0; e < edges.length; e++) {
    const from = edges.from[e] as number;
    const to = edges.to[e] as number;
    if ((from < transactions && !inside.has(from)) || (to < transactions && !inside.has(to))) continue;
    kept.from[kept.length] = from;
    kept.to[kept.length] = to;
    kept.label[kept.length++] = edges.label[e] as number;
  }
  return kept;
}

function findingsAsAnomalies(txns: Transactions, findings: Findings): Anomaly[] {
  return findings.found.map(({ kind, transactions, explanation, key }) => ({
    kind,
    key: txns.keys[key] as NonNullable<Anomaly['key']>,
    operations: transactions.map((t) => txns.operation[t] as number),
    explanation,
  }));
}

function cyclesAsAnomalies(known: Known, cycles: readonly CycleAnomaly[]): Anomaly[] {
  return cycles.map((cycle) => ({
    kind: cycle.name,
    operations: cycle.steps.map((step) => known.txns.operation[step.from] as number),
    explanation: explainCycle(known.txns, cycle, (step) => registerReason(known.txns, known.writers, step)),
  }));
}

import type { Anomaly, CheckContext, Checker } from '../checker.ts';
import type { History } from '../history.ts';
import { INITIAL, LIST, OK, READ } from './columns.ts';
import type { Transactions } from './columns.ts';
import { findCycles } from './cycles.ts';
import type { CycleReport, Dependencies, Step } from './cycles.ts';
import { graphOf, RT, SO } from './graph.ts';
import { components } from './components.ts';
import { explainCycle, listReason, precedences, witnessesOf } from './explain.ts';
import { listAppendMonitor } from '../monitor/list-append.ts';
import { judgeTransactionsOf } from './from-history.ts';
import { internalAnomalies } from './internal.ts';
import { consistencyMap, FAMILIES, weakestForbidding } from './levels.ts';
import type { Consistency, Forbidden, Level } from './levels.ts';
import { dataClasses, Findings, findingsAsAnomalies } from './findings.ts';
import { Limits, untilLimit } from './limits.ts';
import { listAnomalies } from './list-anomalies.ts';
import { listEdges } from './list-edges.ts';
import { listOrderOf } from './list-order.ts';
import type { ListOrder } from './list-order.ts';
import { addRealTimeEdges, addSessionEdges } from './order-edges.ts';
import { replay } from './replay.ts';
import { knownOf, NOTHING_READ, verdictOf } from './verdict.ts';
import type { TransactionVerdict } from './verdict.ts';
import { writersOf } from './writers.ts';
import type { Writers } from './writers.ts';

export interface TransactionOptions {
  /** The level to judge by; the consistency map tells about all the others as well. */
  readonly level?: Level;
}

/**
 * Judges transactions that append to lists and read them whole, as Elle does (Kingsbury & Alvaro, VLDB 2020).
 *
 * A list remembers its own history, so the order of versions, and with it every dependency, is read rather than
 * guessed. What is found is certain; where nothing is found, serializability is proven by an order of the
 * transactions that was replayed. Linear in the history, but for naming cycles, which has a budget.
 */
export function listAppend(options: TransactionOptions = {}): Checker {
  const level = options.level ?? 'strict serializable';
  return {
    name: `list-append ${level}`,
    check: (history: History, context) =>
      judgeTransactionsOf(history, `list-append ${level}`, context, (txns) =>
        checkListAppend(txns, { level }, context),
      ),
    // What is old may be read for ever where time does not count, and nothing could be forgotten.
    ...(level === 'strict serializable' && { monitor: listAppendMonitor }),
  };
}

export function checkListAppend(
  transactions: Transactions,
  options: TransactionOptions = {},
  context?: CheckContext,
): TransactionVerdict {
  const txns = nothingIsEmpty(transactions);
  const level = options.level ?? 'strict serializable';
  const findings = new Findings();
  const undecided = (because: (proven: string) => string): TransactionVerdict => {
    const levels = consistencyMap(dataClasses(findings), []);
    return verdictOf(`list-append ${level}`, txns, level, {
      levels,
      anomalies: findingsAsAnomalies(txns, findings),
      facts: { ...findings.counts },
      because: because(knownOf(levels)),
    });
  };
  if (!readsAnything(txns)) return undecided(() => NOTHING_READ);
  const limits = new Limits(context);
  return untilLimit(() => judge(txns, level, findings, limits), undecided);
}

function judge(txns: Transactions, level: Level, findings: Findings, limits: Limits): TransactionVerdict {
  const writers = writersOf(txns, limits);
  const order = listOrderOf(txns, writers, limits);
  listAnomalies(txns, writers, order, findings, limits);
  internalAnomalies(txns, findings, limits);

  const { edges, nodes: firstRealTimeJunction, partial } = listEdges(txns, writers, order, limits);
  const dependencies = edges.length;
  addSessionEdges(edges, txns, order.happened, limits);
  const nodes = txns.timed
    ? addRealTimeEdges(edges, txns, order.happened, firstRealTimeJunction, limits)
    : firstRealTimeJunction;
  const report = findCycles({ transactions: txns.length, firstRealTimeJunction, nodes, edges }, limits);

  limits.look();
  const acyclic = report.order ?? orderWithout(report, { nodes, edges, transactions: txns.length }, limits);
  const witness = acyclic?.filter((t) => order.happened[t]);
  limits.look();
  const clean = findings.found.length === 0;
  const wrong = witness && clean ? replay(txns, witness, limits) : 'anomalies';
  const found: Forbidden[] = [...dataClasses(findings), ...cyclesForbidden(report)];
  const levels = consistencyMap(
    found,
    provenLevels(report, {
      replayed: wrong === undefined,
      clean,
      timed: txns.timed,
      partial,
      ambiguous: writers.ambiguities > 0,
      contested: isContested(findings),
    }),
  );
  return verdictOf(`list-append ${level}`, txns, level, {
    levels,
    anomalies: anomaliesOf(txns, writers, order, findings, report),
    facts: {
      ...findings.counts,
      dependencies,
      ...(report.count > 0 && { 'cyclic components': report.count, 'largest component': report.largest }),
    },
    because: whyUnknown(txns, writers, findings, level, levels),
    order: wrong === undefined ? witness : undefined,
  });
}

/** Where only real time, or only it and sessions, closes cycles: an order that keeps everything else. */
function orderWithout(
  report: CycleReport,
  { nodes, edges, transactions }: Pick<Dependencies, 'nodes' | 'edges' | 'transactions'>,
  limits: Limits,
): Int32Array | undefined {
  const kept = (['process', 'data'] as const).find((family) => report.exists.get(`${family} any`) === false);
  if (kept === undefined) return undefined;
  const mask = 0xff & ~RT & (kept === 'data' ? ~SO : 0xff);
  return components(graphOf(nodes, edges, limits, mask), limits)
    .order.filter((v) => v < transactions)
    .toReversed();
}

/** Systems answer a read of a list that nobody appended to with nothing as often as with an empty list. */
function nothingIsEmpty(txns: Transactions): Transactions {
  if (!txns.kind.includes(READ)) return txns;
  const kind = txns.kind.slice();
  const value = txns.value.slice();
  for (let m = 0; m < kind.length; m++) {
    if (kind[m] !== READ || value[m] !== INITIAL) continue;
    kind[m] = LIST;
    value[m] = 0;
  }
  return { ...txns, kind, value };
}

function readsAnything(txns: Transactions): boolean {
  for (let t = 0; t < txns.length; t++)
    if (txns.outcome[t] === OK)
      for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
        if (txns.kind[m] === LIST) return true;
  return false;
}

/** Which classes of cycles there are, as what they forbid. */
export function cyclesForbidden(report: CycleReport): Forbidden[] {
  const found: Forbidden[] = [];
  for (const [place, exists] of report.exists) {
    const family = FAMILIES.find((name) => place.startsWith(`${name} `)) as Forbidden['family'];
    if (exists) found.push({ family, class: place.slice(family.length + 1) as Forbidden['class'] });
  }
  return found;
}

/**
 * No cycle at all: the replayed order proves the strongest level that its edges speak of. Some cycles: whatever
 * class has none is proven too. Acyclic is acyclic whatever the order of what nobody read; shapes of
 * cycles, though, may depend on it, so those are proven only when every version has its known place. Where lists
 * contradict each other no version has: that the longest closes no cycle says nothing of the order that another shows.
 */
function provenLevels(
  report: CycleReport,
  known: {
    replayed: boolean;
    clean: boolean;
    timed: boolean;
    partial: boolean;
    ambiguous: boolean;
    contested: boolean;
  },
): Level[] {
  if (known.ambiguous || known.contested) return [];
  if (report.count === 0) {
    // With anomalies that are no cycles nothing can be replayed; what those do not refute, the lack of cycles proves.
    if (!known.replayed && known.clean) return [];
    return ['strong session serializable', ...(known.timed ? (['strict serializable'] as const) : [])];
  }
  const levels: Level[] = [];
  const none = (place: Parameters<typeof report.exists.get>[0], level: Level): void => {
    if (report.exists.get(place) === false) levels.push(level);
  };
  none('data any', 'serializable');
  none('process any', 'strong session serializable');
  if (known.partial) return levels;
  none('data dirty write', 'read uncommitted');
  none('data dirty read', 'read committed');
  none('data single', 'parallel snapshot isolation');
  none('data fork', 'snapshot isolation');
  none('process dirty write', 'strong session read uncommitted');
  none('process dirty read', 'strong session read committed');
  none('process single', 'strong session parallel snapshot isolation');
  none('process fork', 'strong session snapshot isolation');
  if (!known.timed) return levels;
  none('realtime dirty write', 'strong read uncommitted');
  none('realtime dirty read', 'strong read committed');
  none('realtime single', 'strong parallel snapshot isolation');
  none('realtime fork', 'strong snapshot isolation');
  return levels;
}

function anomaliesOf(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  findings: Findings,
  report: CycleReport,
): Anomaly[] {
  const operations = (members: readonly number[]): number[] =>
    members.map((t) => txns.operation[t] as number);
  const reason = (step: Step): string => listReason(txns, writers, order, step);
  return [
    ...findingsAsAnomalies(txns, findings),
    ...report.anomalies.map((anomaly) => ({
      kind: anomaly.name,
      forbiddenBy: weakestForbidding(anomaly),
      operations: operations([
        ...anomaly.steps.map((step) => step.from),
        ...witnessesOf(txns, order, anomaly.steps),
      ]),
      explanation: explainCycle(txns, anomaly, reason),
      cycle: precedences(txns, anomaly, reason),
    })),
  ];
}

/** Whether lists were read that show appends in orders of which no more than one can be right. */
function isContested({ counts }: Findings): boolean {
  return counts['incompatible order'] !== undefined;
}

function whyUnknown(
  txns: Transactions,
  writers: Writers,
  findings: Findings,
  level: Level,
  levels: Consistency,
): string {
  if (writers.ambiguities > 0)
    return `${writers.ambiguities} elements were appended to the same key by more than one transaction, so nobody can tell whose was read; make elements unique`;
  if (isContested(findings))
    return 'lists were read that contradict each other, so nobody can tell in which order their elements were appended; ask for read committed, which forbids that';
  if (!txns.timed && level !== 'serializable' && levels['strong session serializable'] === 'proven')
    return 'the history holds no times, so nothing can be said about real time; it is strong session serializable';
  return 'some appends were never read, so their order is unknown and may hide a cycle; read every key at the end';
}

import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import { grouped } from '../grouped.ts';
import type { History, Operations } from '../history.ts';
import { Budget } from '../linearizable/budget.ts';
import { print } from '../models/print.ts';
import { anyHistory, rowsByKey } from '../table/table.ts';
import { canonical } from '../table/values.ts';
import { lasting, placed } from '../words.ts';
import { stopped } from '../stopped.ts';
import { unacknowledged } from './acknowledged.ts';
import { Comparison, elementsOf, updated } from './contents.ts';
import { replicaOf, replicasOf, type Replicas } from './replicas.ts';

export interface ConvergenceOptions {
  /**
   * How many milliseconds after the last update nodes may still differ. Reads that begin earlier show how they converge,
   * and are no evidence that they did not. Default 0: what is read after the last update is read when all had time enough.
   */
  readonly withinMs?: number;
}

/**
 * Once nobody changes anything any more, all nodes come to say the same, and nothing that was acknowledged is missing from it.
 *
 * ```
 * add 1 on n1   |───|
 * add 2 on n2   |───|                                         converged between here …
 * n1                   |─ [1] ─|       |─ [1,2] ─|            … and the end of this
 * n2                   |─ [1,2] ─|     |─ [1,2] ─|
 * n3                                   |─ [2] ─|              diverged: in the end n3 differs
 * ```
 *
 * Objects are told apart by what is done to them: `write` a register, `add` and `read` of arrays a set (also `broadcast`, and
 * `remove`), `append` a list, `add` and `read` of numbers a counter. A register has to end with a value that was not certainly
 * overwritten, a counter within its bounds, a set or list with everything that was acknowledged. An update of unknown
 * outcome may take effect at any time, also between two reads, and excuses what it can explain. Linear in what was read.
 */
export function convergence<Ops extends Operations = Operations>({
  withinMs = 0,
}: ConvergenceOptions = {}): Checker<Ops> {
  if (!(withinMs >= 0)) throw new RangeError(`withinMs is a number of milliseconds from 0, not ${withinMs}`);
  return { name: 'convergence', check: (history, context) => check(anyHistory(history), withinMs, context) };
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const BYTES_PER_OPERATION = 100;

function check(history: History, withinMs: number, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const nodes = new Set<string>();
  for (let row = 0; row < history.length && !budget.spent(BYTES_PER_OPERATION * history.length); row++)
    nodes.add(replicaOf(history, row));
  const counts = { nodes: nodes.size, keys: 0, 'keys diverged': 0, 'reads after the last update': 0 };
  const time = { least: 0, most: 0 };
  const anomalies: Anomaly[] = [];
  const kinds = new Map<string, number>();
  const tell = (found: Anomaly): void => {
    const told = (kinds.get(found.kind) ?? 0) + 1;
    kinds.set(found.kind, told);
    if (told <= EXPLAINED) anomalies.push(found);
  };
  const unread: string[] = [];
  for (const { key, rows } of rowsByKey(history)) {
    if (budget.spent(0)) break;
    const replicas = replicasOf(history, rows, withinMs, budget);
    if (!replicas) continue;
    counts.keys++;
    counts['reads after the last update'] += replicas.reads.length;
    const name = key < 0 ? '' : ` of ${history.keys[key]}`;
    for (const node of nodes) if (!replicas.finals.has(node)) unread.push(`${node}${name}`);
    const comparison = new Comparison(history, replicas);
    const apart = divergent(replicas, comparison);
    if (apart.length > 0) counts['keys diverged']++;
    for (const [row, other] of apart) tell(diverged(history, replicas, row, other));
    for (const found of unacknowledged(history, replicas, context)) tell(found);
    if (apart.length > 0) continue;
    const { least, most } = timeToConverge(history, replicas, comparison);
    time.least = Math.max(time.least, least);
    time.most = Math.max(time.most, most);
  }
  const because = budget.because
    ? stopped({
        limit: budget.because,
        after: `${counts.keys} of ${Math.max(1, history.keys.length)} keys`,
        proven: counts.keys > 0 ? 'those converged' : undefined,
      })
    : whyUnknown(counts, unread);
  const valid = anomalies.length > 0 ? false : because === undefined ? true : 'unknown';
  const ms = (nanoseconds: number): number => Math.round(nanoseconds / 1e5) / 10;
  return {
    checker: 'convergence',
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(valid === false && { disproves: ['linearizable', 'convergence'] }),
    anomalies,
    facts: {
      ...counts,
      ...Object.fromEntries(kinds),
      'nodes not read in the end': unread.length,
      ...(counts.keys > counts['keys diverged'] &&
        Number.isFinite(time.most) && {
          'ms to converge, at least': ms(time.least),
          'ms to converge, at most': ms(time.most),
        }),
    },
  };
}

function whyUnknown(
  counts: { readonly nodes: number; readonly keys: number },
  unread: readonly string[],
): string | undefined {
  if (counts.keys === 0) return 'nothing was changed, so nothing had to converge; change something';
  if (counts.nodes < 2)
    return 'everything was asked of one node, which cannot differ from itself; ask several';
  const [first, ...others] = unread;
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return `nobody read after the last update, or not late enough, what was in the end on ${first}${more}; read everything from every node when all is quiet`;
}

/** Nodes that differ from others in the end, each with one of those that most agree with, if it can be. */
function divergent({ finals }: Replicas, comparison: Comparison): [row: number, other: number][] {
  const rows = [...finals.values()];
  const groups = grouped(rows, (row) => comparison.certain(row));
  const most = [...groups.values()].toSorted((a, b) => b.length - a.length).flat();
  const told = new Set<number>();
  const found: [number, number][] = [];
  for (const row of most.toReversed()) {
    const other = most.find(
      (candidate) => candidate !== row && !told.has(candidate) && comparison.differ(row, candidate),
    );
    if (other === undefined) continue;
    told.add(row);
    found.push([row, other]);
  }
  return found;
}

/** Between when a node was last seen to differ from the end, and when the last of them was first seen to agree for good. */
function timeToConverge(
  history: History,
  { reads, finals, quietSince }: Replicas,
  comparison: Comparison,
): { readonly least: number; readonly most: number } {
  const [any] = finals.values();
  if (any === undefined) return { least: 0, most: 0 };
  const end = comparison.certain(any);
  let least = quietSince;
  const agreed = new Map<string, number>();
  for (const row of reads) {
    const node = replicaOf(history, row);
    if (comparison.certain(row) !== end) {
      agreed.delete(node);
      least = Math.max(least, history.callTime[row] as number);
    } else if (!agreed.has(node)) agreed.set(node, history.returnTime[row] as number);
  }
  const most = Math.max(least, ...agreed.values());
  return { least: least - quietSince, most: most - quietSince };
}

function diverged(history: History, replicas: Replicas, row: number, other: number): Anomaly {
  const { kind, lastUpdate, updates, quietSince } = replicas;
  const [a, b] = [history.operation(row), history.operation(other)];
  const [here, there] = [replicaOf(history, row), replicaOf(history, other)];
  const differs = kind === 'set' || kind === 'list' ? missing(history, row, other) : undefined;
  const values = differs ? [differs.element] : [a, b].map(({ output }) => canonical(output ?? null));
  const sources =
    kind === 'counter'
      ? []
      : updates.filter((update) => values.includes(canonical(updated(history, update))));
  const late = Math.min(a.callTime, b.callTime) - quietSince;
  const when = Number.isFinite(late) ? `, ${lasting(late)} after the last update` : '';
  const what = differs
    ? `${differs.from === row ? there : here} lacked ${differs.element}${placed(a, 'in')}, which ${differs.from === row ? here : there} had`
    : `${here} had ${brief(a.output)}${placed(a, 'in')} and ${there} ${brief(b.output)}`;
  return anomaly(
    'diverged',
    [a, b, ...[lastUpdate, ...sources].map((update) => history.operation(update))],
    `In the end${when}, ${what}.`,
  );
}

/** An element that one of two reads found and the other did not. */
function missing(
  history: History,
  a: number,
  b: number,
): { readonly element: string; readonly from: number } | undefined {
  for (const [from, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const there = new Set(elementsOf(history, other));
    const element = elementsOf(history, from).find((candidate) => !there.has(candidate));
    if (element !== undefined) return { element, from };
  }
  return undefined;
}

function brief(value: unknown): string {
  const text = print(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

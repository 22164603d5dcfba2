import type { History } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { decode } from '../table/values.ts';

/** What kind of object a key holds, by what is done to it. */
export type Kind = 'register' | 'set' | 'list' | 'counter';

/** One key at the end of a history: what changed it, and what every node said last. */
export interface Replicas {
  readonly kind: Kind;
  /** Operations that changed it or may have, in order of call. */
  readonly updates: readonly number[];
  /** The one that ended last, among those whose end is known, or that was called last, among the others; −1 for none. */
  readonly lastUpdate: number;
  /** When that was, in nanoseconds. */
  readonly quietSince: number;
  /** Reads called after the last update, in order of call. */
  readonly reads: readonly number[];
  /** Of each node the last of those that was called late enough to count. */
  readonly finals: ReadonlyMap<string, number>;
}

/** Who answers: a node, or where the history does not say which, a client. */
export function replicaOf(history: History, row: number): string {
  const node = history.node[row] as number;
  return node >= 0 ? (history.nodes[node] as string) : `client ${history.process[row]}`;
}

const UPDATES: Readonly<Record<string, Kind>> = {
  write: 'register',
  cas: 'register',
  append: 'list',
  add: 'set',
  remove: 'set',
  broadcast: 'set',
};

/** `undefined` for a key that nobody changed in a way that is understood, and when time is up. */
export function replicasOf(
  history: History,
  rows: ArrayLike<number>,
  withinMs: number,
  budget: Budget,
): Replicas | undefined {
  const updates: number[] = [];
  const reads: number[] = [];
  let kind: Kind | undefined;
  let numbers = false;
  for (let i = 0; i < rows.length; i++) {
    if (budget.spent(0)) return undefined;
    const row = rows[i] as number;
    const name = history.names[history.f[row] as number] as string;
    if (history.outcome[row] === 1) continue;
    if (name === 'read' && history.outcome[row] === 0) {
      reads.push(row);
      numbers ||= typeof decode(history.output[row] as number, history.values) === 'number';
    } else if (Object.hasOwn(UPDATES, name)) {
      updates.push(row);
      kind ??= UPDATES[name];
    }
  }
  if (kind === undefined) return undefined;
  if (kind === 'set' && numbers) kind = 'counter';
  const endOf = (row: number): number =>
    (history.outcome[row] === 0 ? history.return[row] : history.call[row]) as number;
  const lastUpdate = updates.reduce((last, row) => (endOf(row) > endOf(last) ? row : last));
  const quietSince = (history.outcome[lastUpdate] === 0 ? history.returnTime : history.callTime)[
    lastUpdate
  ] as number;
  const after = reads.filter((row) => (history.call[row] as number) > endOf(lastUpdate));
  const finals = new Map<string, number>();
  for (const row of after)
    if (!((history.callTime[row] as number) < quietSince + withinMs * 1e6))
      finals.set(replicaOf(history, row), row);
  return { kind, updates, lastUpdate, quietSince, reads: after, finals };
}

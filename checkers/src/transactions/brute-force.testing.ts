import { APPEND, FAIL, INFO, INITIAL, LIST, OK, READ, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import { replay, respects } from './replay.ts';

/**
 * Decides levels by trying everything. Hopelessly slow, and so short that it can be read and believed:
 * the oracle that clever checkers are held against on small histories.
 */
export function serializableByForce(txns: Transactions, keep: 'nothing' | 'sessions' | 'real time'): boolean {
  return subsets(txns).some((members) =>
    permutations(members).some(
      (order) =>
        replay(txns, order) === undefined &&
        (keep === 'nothing' || respects(txns, order, keep) === undefined),
    ),
  );
}

/**
 * Snapshot isolation: each transaction reads at one moment and commits at a later one, and nobody commits a
 * write to a key that it writes in between. Every interleaving of the moments is tried.
 */
export function snapshotIsolatedByForce(
  txns: Transactions,
  keep: 'nothing' | 'sessions' | 'real time',
): boolean {
  return subsets(txns).some((members) => interleave(txns, members, keep));
}

/** Whoever succeeded took effect; whoever's outcome is unknown may have. */
function subsets(txns: Transactions): number[][] {
  let all: number[][] = [[]];
  for (let t = 0; t < txns.length; t++) {
    if (txns.outcome[t] === FAIL) continue;
    const without = txns.outcome[t] === INFO ? all : [];
    all = [...without, ...all.map((members) => [...members, t])];
  }
  return all;
}

function permutations(members: readonly number[]): number[][] {
  if (members.length === 0) return [[]];
  return members.flatMap((first) =>
    permutations(members.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  );
}

type State = readonly (readonly number[])[];

function interleave(txns: Transactions, members: readonly number[], keep: string): boolean {
  const before = (a: number, b: number): boolean =>
    (keep === 'sessions' && txns.process[a] === txns.process[b] && a < b && txns.outcome[a] === OK) ||
    (keep === 'real time' && (txns.return[a] as number) < (txns.call[b] as number));
  const seen = new Set<string>();
  const go = (state: State, started: ReadonlyMap<number, State>, done: ReadonlySet<number>): boolean => {
    if (done.size === members.length) return true;
    const name = JSON.stringify([state, [...started], [...done].toSorted()]);
    if (seen.has(name)) return false;
    seen.add(name);
    for (const t of members) {
      if (done.has(t)) continue;
      const snapshot = started.get(t);
      if (!snapshot) {
        if (members.some((other) => before(other, t) && !done.has(other))) continue;
        if (runOn(txns, t, state) && go(state, new Map([...started, [t, state]]), done)) return true;
        continue;
      }
      const next = runOn(txns, t, snapshot) as State;
      if (next.some((list, k) => list !== snapshot[k] && state[k] !== snapshot[k])) continue;
      const merged = state.map((list, k) =>
        next[k] === snapshot[k] ? list : (next[k] as readonly number[]),
      );
      const left = new Map(started);
      left.delete(t);
      if (go(merged, left, new Set([...done, t]))) return true;
    }
    return false;
  };
  return go(
    Array.from(txns.keys, () => []),
    new Map(),
    new Set(),
  );
}

/** The state after a transaction that begins in this one, unless it read something else. Registers are lists whose last element counts. */
function runOn(txns: Transactions, t: number, state: State): State | undefined {
  const next = [...state];
  for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
    const k = txns.key[m] as number;
    const list = next[k] as readonly number[];
    const value = txns.value[m] as number;
    if (txns.kind[m] === APPEND || txns.kind[m] === WRITE) next[k] = [...list, value];
    else if (txns.kind[m] === READ && (list.at(-1) ?? INITIAL) !== value) return undefined;
    else if (
      txns.kind[m] === LIST &&
      (list.length !== txns.size[m] || list.some((v, i) => v !== txns.elements[value + i]))
    )
      return undefined;
  }
  return next;
}

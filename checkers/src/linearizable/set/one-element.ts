import { NEVER } from '../../table/builder.ts';
import { ADD, HAS, LACKS, REMOVE, type Members } from './members.ts';

export interface Fate {
  readonly became:
    | 'impossible'
    | 'never added'
    | 'never removed'
    /** Before it was added. */
    | 'removed in vain'
    | 'removed'
    /** It was added or removed more than once: somebody else has to find out. */
    | 'repeated';
  /** It was added just before the event at this position. */
  readonly addedBefore: number;
}

/**
 * What can have become of an element that is added once at most and removed once at most, given who found it and who missed it.
 *
 * Let it be added as late as those who found it allow: then the fewest of those who missed it are left to have done so
 * after it was removed, and the removal can follow as early as its call and the last find allow.
 *
 * ```
 *   |───── add ─────┊──|                      added at ┊, before the first find has ended
 *            |─── find ───|   |── miss ──|    removed after the last find has begun, and before any miss has ended
 *                 |──────── remove ────────|  that had not begun at ┊
 * ```
 */
export function fateOf({ kind, rows, from, history }: Members, e: number): Fate {
  const { call, return: returned } = history;
  const begin = from[e] as number;
  const end = from[e + 1] as number;
  let add = -1;
  let remove = -1;
  let firstFound = NEVER;
  let lastFind = -1;
  let lastMiss = -1;
  for (let i = begin; i < end; i++) {
    const row = rows[i] as number;
    const at = call[row] as number;
    if (kind[row] === ADD) {
      if (add >= 0) return { became: 'repeated', addedBefore: NEVER };
      add = row;
    } else if (kind[row] === REMOVE) {
      if (remove >= 0) return { became: 'repeated', addedBefore: NEVER };
      remove = row;
    } else if (kind[row] === HAS) {
      if ((returned[row] as number) < firstFound) firstFound = returned[row] as number;
      lastFind = at;
    } else lastMiss = at;
  }
  const found = lastFind >= 0;
  if (!found && (add < 0 || returned[add] === NEVER)) return { became: 'never added', addedBefore: NEVER };
  if (add < 0) return { became: 'impossible', addedBefore: NEVER };
  let addedBefore = Math.min(returned[add] as number, firstFound);
  if (addedBefore < (call[add] as number)) return { became: 'impossible', addedBefore };
  if (lastMiss < addedBefore) {
    if (remove < 0 || returned[remove] === NEVER) return { became: 'never removed', addedBefore };
    if ((call[remove] as number) < addedBefore) return { became: 'removed in vain', addedBefore };
  }
  if (remove < 0) return { became: 'impossible', addedBefore };
  addedBefore = Math.min(addedBefore, returned[remove] as number);
  if (addedBefore < (call[add] as number)) return { became: 'impossible', addedBefore };
  const removedAfter = Math.max(call[remove] as number, lastFind);
  let removedBefore = returned[remove] as number;
  for (let i = begin; i < end; i++) {
    const row = rows[i] as number;
    if (kind[row] === LACKS && (call[row] as number) > addedBefore)
      removedBefore = Math.min(removedBefore, returned[row] as number);
  }
  const became = removedAfter < addedBefore || removedAfter < removedBefore ? 'removed' : 'impossible';
  return { became, addedBefore };
}

/** The rows of an element in an order that gives it this fate. */
export function orderOf({ kind, rows, from, history }: Members, e: number, fate: Fate): number[] {
  const { became, addedBefore } = fate;
  const of = (what: number): number[] =>
    Array.from(rows.subarray(from[e], from[e + 1])).filter((row) => kind[row] === what);
  const early = of(LACKS).filter((row) => (history.call[row] as number) < addedBefore);
  const late = of(LACKS).filter((row) => (history.call[row] as number) > addedBefore);
  const [add, remove, finds] = [of(ADD), of(REMOVE), of(HAS)];
  if (became === 'never added') return inCallOrder([...early, ...remove]);
  if (became === 'never removed') return [...early, ...add, ...finds];
  if (became === 'removed in vain') return [...inCallOrder([...early, ...remove]), ...add, ...finds];
  return [...early, ...add, ...finds, ...remove, ...late];
}

function inCallOrder(rows: readonly number[]): number[] {
  return rows.toSorted((a, b) => a - b);
}

import type { History } from '../../history.ts';
import type { LockMoves } from '../../model.ts';
import { NEVER } from '../../table/builder.ts';
import { decode, FALSE } from '../../table/values.ts';
import type { Budget } from '../budget.ts';
import { illegal, type Judged } from '../judged.ts';

/**
 * # Holds
 *
 * A lock that knows its holder is held from an acquire to the release by the same process. It is certainly held from the end of
 * the one to the beginning of the other, so holds stand in one order: that of these times, which must not overlap. Tokens have
 * to grow along it.
 *
 * ```
 *   |─ acquire ─|░░░ held ░░░|─ release ─|
 *                                |── acquire ──|░░░ held ░░░|─ release ─|
 *               refused |───────────|    in time: the lock may have gone from hand to hand, free at no moment
 * ```
 *
 * A refused acquire needs a moment at which somebody holds the lock. Let everyone hold it for as long as can be: then only between
 * a release that has ended and the next acquire that has not begun is it free, and only who was refused altogether inside such a
 * stretch was refused wrongly. Sorting apart, all of this is linear.
 *
 * What crashes must be the last that its process does; else a release may still be under way when the same process
 * holds the lock again, and the history is for a search.
 */
export function judgeHolds(history: History, moves: LockMoves, budget: Budget): Judged {
  const sorted = holdsOf(history, moves, budget);
  if ('unfit' in sorted) return { valid: 'unfit', because: sorted.unfit };
  if ('fault' in sorted) return illegal(() => sorted.fault);
  const { holds, refused, started } = sorted;
  const { call, return: returned } = history;
  let latest: Hold | undefined;
  for (const [i, hold] of holds.entries()) {
    budget.pass(i);
    const before = holds[i - 1];
    const released = !before ? -1 : before.release < 0 ? NEVER : (call[before.release] as number);
    if (before && released > (returned[hold.acquire] as number))
      return illegal(() => [...rowsOf(before), ...rowsOf(hold)]);
    if (hold.token === undefined) continue;
    const last = latest;
    if (last?.token !== undefined && hold.token <= last.token)
      return illegal(() => [...rowsOf(last), ...rowsOf(hold)]);
    latest = hold;
  }
  const spans = spansOf(history, holds, started);
  for (const [i, row] of refused.acquires.entries()) {
    budget.pass(i);
    if (spans.heldFrom(call[row] as number) > (returned[row] as number))
      // Who could have held it meanwhile, and did not, belongs to the reason.
      return { valid: false, evidence: () => ({ rows: [row], closed: false }) };
  }
  return { valid: true, order: () => inOrder(history, holds, refused, started, spans) };
}

interface Hold {
  readonly acquire: number;
  /** −1 if it was never released. */
  release: number;
  readonly token: number | undefined;
}

function rowsOf({ acquire, release }: Hold): number[] {
  return release < 0 ? [acquire] : [acquire, release];
}

interface Sorted {
  /** In their only order, if they have one. */
  readonly holds: readonly Hold[];
  /** Rows that were refused, because somebody else held the lock, and for other good reason. */
  readonly refused: { readonly acquires: readonly number[]; readonly others: readonly number[] };
  /** The acquire of unknown outcome that was called first; −1 if there is none. */
  readonly started: number;
}

function holdsOf(
  history: History,
  moves: LockMoves,
  budget: Budget,
): Sorted | { readonly fault: readonly number[] } | { readonly unfit: string } {
  const { length, f, names, process, outcome, output, values, return: returned } = history;
  const open = new Map<number, Hold>();
  const over = new Set<number>();
  const holds: Hold[] = [];
  const acquires: number[] = [];
  const others: number[] = [];
  let started = -1;
  for (let row = 0; row < length; row++) {
    budget.pass(row);
    if (outcome[row] === 1) continue;
    const name = names[f[row] as number];
    const who = process[row] as number;
    if (name !== moves.acquire && name !== moves.release) return { unfit: `of an operation called ${name}` };
    if (over.has(who)) return { unfit: 'a process went on after an operation of unknown outcome' };
    if (outcome[row] === 2) over.add(who);
    const hold = open.get(who);
    const wasRefused = outcome[row] === 0 && output[row] === FALSE;
    if (name === moves.release) {
      if (outcome[row] === 2 && !hold) continue;
      if (!hold && !wasRefused) return { fault: [row] };
      if (hold && wasRefused) return { fault: [hold.acquire, row] };
      if (!hold) others.push(row);
      else {
        hold.release = row;
        open.delete(who);
      }
    } else if (wasRefused) (hold ? others : acquires).push(row);
    else if (outcome[row] === 2) {
      if (started < 0 && !hold) started = row;
    } else {
      if (hold) return { fault: [hold.acquire, row] };
      const token = decode(output[row] as number, values);
      const fresh = { acquire: row, release: -1, token: typeof token === 'number' ? token : undefined };
      open.set(who, fresh);
      holds.push(fresh);
    }
  }
  holds.sort((a, b) => (returned[a.acquire] as number) - (returned[b.acquire] as number));
  return { holds, refused: { acquires, others }, started };
}

/** When each hold begins and ends if all last as long as can be, in halves of positions. */
interface Spans {
  readonly from: Float64Array;
  readonly until: Float64Array;
  /** When the acquire of unknown outcome takes effect, if it is needed. */
  readonly startedAt: number;
  /** The first moment from a position on when the lock is held; Infinity if there is none. */
  heldFrom(position: number): number;
}

function spansOf({ call, return: returned }: History, holds: readonly Hold[], started: number): Spans {
  const from = new Float64Array(holds.length);
  const until = new Float64Array(holds.length).fill(Infinity);
  for (const [i, { acquire }] of holds.entries()) {
    const before = holds[i - 1];
    from[i] = call[acquire] as number;
    if (!before) continue;
    // Released at the last moment, or when the next one can have it.
    const end = returned[before.release] as number;
    if (end > (from[i] as number))
      until[i - 1] = from[i] = Math.max(call[before.release] as number, from[i] as number);
    else until[i - 1] = end - 0.5;
  }
  const last = holds.at(-1);
  if (last && last.release >= 0 && returned[last.release] !== NEVER)
    until[holds.length - 1] = (returned[last.release] as number) - 0.5;
  const startedAt =
    started < 0
      ? Infinity
      : Math.max(call[started] as number, until.length === 0 ? 0 : (until.at(-1) as number));
  const heldFrom = (position: number): number => {
    let low = 0;
    let high = holds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((until[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return Math.max(position, low < holds.length ? (from[low] as number) : startedAt);
  };
  return { from, until, startedAt, heldFrom };
}

function inOrder(
  { call }: History,
  holds: readonly Hold[],
  refused: Sorted['refused'],
  started: number,
  { from, until, startedAt, heldFrom }: Spans,
): number[] {
  const placed: { readonly row: number; readonly time: number; readonly rank: number }[] = [];
  for (const [i, { acquire, release }] of holds.entries()) {
    placed.push({ row: acquire, time: from[i] as number, rank: 1 });
    if (release >= 0 && until[i] !== Infinity)
      placed.push({ row: release, time: until[i] as number, rank: 0 });
  }
  for (const row of refused.acquires) placed.push({ row, time: heldFrom(call[row] as number), rank: 2 });
  // One of unknown outcome takes effect if somebody was refused when all others were over.
  if (placed.some(({ rank, time }) => rank === 2 && time >= startedAt))
    placed.push({ row: started, time: startedAt, rank: 1 });
  for (const row of refused.others) placed.push({ row, time: call[row] as number, rank: 2 });
  return placed.sort((a, b) => a.time - b.time || a.rank - b.rank).map(({ row }) => row);
}

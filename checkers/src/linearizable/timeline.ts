import { grouped } from '../grouped.ts';
import type { History } from '../history.ts';
import type { Budget } from './budget.ts';
import { densePositions, type Positions } from './register/positions.ts';

/**
 * # Timeline
 *
 * One object's operations as the searches see them. Only what is pending at a moment can take effect there, so
 * an operation needs a number only while it is pending: a *slot*, which the next one takes over. A configuration
 * is then as large as the concurrency, not as the history.
 *
 * ```
 * slot 0  |── write 1 ──|   |── read 1 ──|
 * slot 1      |─── write 2 ───|    |── write 3 ──|
 * ```
 *
 * Operations of unknown outcome would hold their slots for ever. They are *optional* instead: those that can
 * stand in for each other form a class, of which some number has been used so far.
 */
export interface Timeline {
  /** The operations that returned, by their row in the history, in order of call. */
  readonly rows: Int32Array;
  /** Calls and returns in order: operation × 2, plus 1 for a return. */
  readonly events: Int32Array;
  readonly slot: Int32Array;
  readonly slots: number;
  /** `pending[pendingFrom[t]] … pending[pendingFrom[t + 1] − 1]` are pending just before event `t`, if it is a return. */
  readonly pending: Int32Array;
  readonly pendingFrom: Int32Array;
  readonly classes: readonly OptionalClass[];
}

/** Operations of unknown outcome that can stand in for each other. */
interface OptionalClass {
  readonly rows: readonly number[];
  /** The first event that comes after the call of each. */
  readonly from: readonly number[];
}

/**
 * `matters` says which operations are looked at (those that failed never are). `kind` names what can stand in for
 * one of unknown outcome; it is left out when it has no name.
 */
export function timeline(
  history: Pick<History, 'length' | 'call' | 'return' | 'outcome'>,
  matters: (row: number) => boolean,
  kind: (row: number) => string | number | undefined,
  budget: Budget,
): Timeline {
  const { length, outcome } = history;
  const rows = new Int32Array(length);
  const optional: { readonly row: number; readonly name: string | number | undefined }[] = [];
  let n = 0;
  for (let row = 0; row < length; row++) {
    budget.pass(row);
    if (outcome[row] === 1 || !matters(row)) continue;
    if (outcome[row] === 0) rows[n++] = row;
    else optional.push({ row, name: kind(row) });
  }
  const events = eventsOf(rows.subarray(0, n), densePositions(history, budget), budget);

  const slot = new Int32Array(n);
  const free: number[] = [];
  let slots = 0;
  let concurrency = 0;
  const size = new Int32Array(2 * n + 1);
  for (let t = 0, open = 0; t < 2 * n; t++) {
    budget.pass(t);
    const j = (events[t] as number) >> 1;
    if ((events[t] as number) & 1) {
      size[t + 1] = open--;
      free.push(slot[j] as number);
    } else {
      slot[j] = free.pop() ?? slots++;
      concurrency = Math.max(concurrency, ++open);
    }
  }
  for (let t = 0; t < 2 * n; t++) size[t + 1]! += size[t] as number;
  const pending = new Int32Array(size[2 * n] as number);
  const live = new Int32Array(concurrency);
  for (let t = 0, to = 0, open = 0; t < 2 * n; t++) {
    budget.pass(t);
    const j = (events[t] as number) >> 1;
    if (!((events[t] as number) & 1)) {
      live[open++] = j;
      continue;
    }
    let kept = 0;
    for (let i = 0; i < open; i++) {
      const other = live[i] as number;
      pending[to++] = other;
      if (other !== j) live[kept++] = other;
    }
    open = kept;
  }

  return {
    rows: rows.subarray(0, n),
    events,
    slot,
    slots,
    pending,
    pendingFrom: size,
    classes: classes(optional, rows.subarray(0, n), events, history),
  };
}

/** Positions are dense, so events are put in order by laying each at its own. */
function eventsOf(rows: Int32Array, at: Positions, budget: Budget): Int32Array {
  const events = new Int32Array(2 * rows.length);
  const byPosition = new Int32Array(at.last + 1).fill(-1);
  for (let j = 0; j < rows.length; j++) {
    budget.pass(j);
    byPosition[at.call[rows[j] as number] as number] = 2 * j;
    byPosition[at.return[rows[j] as number] as number] = 2 * j + 1;
  }
  let t = 0;
  for (let p = 0; p <= at.last; p++) if (byPosition[p] !== -1) events[t++] = byPosition[p] as number;
  return events;
}

function classes(
  optional: readonly { readonly row: number; readonly name: string | number | undefined }[],
  rows: Int32Array,
  events: Int32Array,
  { call, return: returned }: Pick<History, 'call' | 'return'>,
): OptionalClass[] {
  const groups = grouped(
    optional.filter(({ name }) => name !== undefined),
    ({ name }) => name,
  );
  const position = (t: number): number => {
    const event = events[t] as number;
    const row = rows[event >> 1] as number;
    return (event & 1 ? returned[row] : call[row]) as number;
  };
  const firstAfter = (call: number): number => {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (position(middle) < call) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [...groups.values()].map((group) => {
    const sorted = group.map(({ row }) => row).toSorted((a, b) => (call[a] as number) - (call[b] as number));
    return { rows: sorted, from: sorted.map((row) => firstAfter(call[row] as number)) };
  });
}

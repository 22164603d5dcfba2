import type { History } from '../../history.ts';
import { NEVER } from '../../table/builder.ts';
import type { Budget } from '../budget.ts';

/** Calls and returns as positions in one order, dense enough to lay things out by position. */
export interface Positions {
  readonly call: Int32Array;
  readonly return: Int32Array;
  /** The last position there is. */
  readonly last: number;
}

/** The history's own indexes where they are dense, as those of whole histories are; else they are renumbered. */
export function densePositions(
  history: Pick<History, 'length' | 'call' | 'return'>,
  budget?: Budget,
): Positions {
  const { length, call, return: returned } = history;
  let last = -1;
  for (let i = 0; i < length; i++) {
    budget?.pass(i);
    const c = call[i] as number;
    const r = returned[i] as number;
    if (c > last) last = c;
    if (r !== NEVER && r > last) last = r;
  }
  if (last < 16 * length + 1024) return { call, return: returned, last };
  const used = new Float64Array(2 * length).fill(Infinity);
  for (let i = 0; i < length; i++) {
    used[2 * i] = call[i] as number;
    if (returned[i] !== NEVER) used[2 * i + 1] = returned[i] as number;
  }
  const order = Uint32Array.from(used, (_, i) => i).sort(
    (a, b) => (used[a] as number) - (used[b] as number) || a - b,
  );
  const dense = new Int32Array(2 * length).fill(NEVER);
  let position = 0;
  for (const i of order) if (used[i] !== Infinity) dense[i] = position++;
  return {
    call: Int32Array.from({ length }, (_, i) => dense[2 * i] as number),
    return: Int32Array.from({ length }, (_, i) => dense[2 * i + 1] as number),
    last: position - 1,
  };
}

/** Who is called or returns at each position; −1 where nobody does, or nobody who matters. */
export function rowsAt(at: Positions, length: number, matters: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(at.last + 1).fill(-1);
  for (let i = 0; i < length; i++) {
    if (!matters(i)) continue;
    rows[at.call[i] as number] = i;
    if (at.return[i] !== NEVER) rows[at.return[i] as number] = i;
  }
  return rows;
}

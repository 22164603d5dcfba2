import type { History } from '../../history.ts';
import type { Budget } from '../budget.ts';
import type { ContainerMoves } from '../../model.ts';
import { NEVER } from '../../table/builder.ts';
import { decode, NOTHING, NULL, sameCodes } from '../../table/values.ts';
import { Numbers } from '../numbers.ts';
import { densePositions, type Positions } from '../register/positions.ts';

/** No operation took it out. */
export const NONE: number = -1;

/**
 * # Elements
 *
 * When nothing is put into a container twice, whatever came out tells which operation put it in. An element is then two
 * intervals in which it went in and came out, and nothing else about its operations matters. They are cut to what they
 * can be: it cannot have come out before it was being put in, nor gone in after it had come out.
 *
 * ```
 *   |────── put 3 ───┊──|            put 3 and take 3, as recorded: cut at ┊
 *      |──── take → 3 ────|
 *   |──────────| inside |───────|    from the end of the one to the beginning of the other it is certainly inside
 *     put 4                take → 4
 * ```
 *
 * All positions are dense (see {@link densePositions}). What may have been put in and never came out is left out: nobody
 * can tell. Elements are in order of the call that put them in.
 */
export interface Elements {
  readonly history: History;
  /** What may still be spent on them. */
  readonly budget: Budget;
  readonly at: Positions;
  readonly count: number;
  /** The row that put it in, and the row that took it out, or {@link NONE}. */
  readonly put: Int32Array;
  readonly take: Int32Array;
  readonly putFrom: Int32Array;
  readonly putUntil: Int32Array;
  /** Where it never came out, both are {@link NEVER}. */
  readonly takeFrom: Int32Array;
  readonly takeUntil: Int32Array;
  /** Rows that took out nothing, and rows of which nobody knows what they took out if anything, in order of call. */
  readonly vain: Int32Array;
  readonly unknown: Int32Array;
}

/** What the operations of one container show about its elements. */
export type Sorted =
  | { readonly elements: Elements }
  /** Rows that cannot be right whatever the order in which elements come out. */
  | { readonly fault: readonly number[] }
  /** The history is for somebody else, and why. */
  | { readonly unfit: string };

export function elementsOf(history: History, moves: ContainerMoves, budget: Budget): Sorted {
  const { length, f, outcome, input, output } = history;
  const at = densePositions(history, budget);
  const isPut = Uint8Array.from(history.names, (name) => (name === moves.put ? 1 : 0));
  const isTake = Uint8Array.from(history.names, (name) => (name === moves.take ? 1 : 0));
  const same = sameCodes(history.values) ?? ((code: number) => code);
  const putRow = new Int32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const which = f[i] as number;
    if (outcome[i] === 1) continue;
    if (!isPut[which] && !isTake[which]) return { unfit: `of an operation called ${history.names[which]}` };
    if (!isPut[which]) continue;
    const value = same(input[i] as number);
    if (value === NULL || value === NOTHING || isOdd(decode(value, history.values)))
      return { unfit: 'something was put in that looks like nothing' };
    putRow[count++] = i;
  }
  const inputs = putRow.subarray(0, count).map((row) => same(input[row] as number));
  const numbers = new Numbers(inputs);
  for (let e = 0; e < count; e++) {
    budget.pass(e);
    if (numbers.number(inputs[e] as number, e) !== e) return { unfit: 'something was put in more than once' };
  }

  const take = new Int32Array(count).fill(NONE);
  const vain: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if (!isTake[f[i] as number] || outcome[i] === 1) continue;
    const value = output[i] as number;
    if (outcome[i] === 2) unknown.push(i);
    else if (value === NULL || value === NOTHING) vain.push(i);
    else {
      const e = numbers.find(same(value));
      if (e < 0) return { fault: [i] };
      if (take[e] !== NONE) return { fault: [putRow[e] as number, take[e] as number, i] };
      if ((at.return[i] as number) < (at.call[putRow[e] as number] as number))
        return { fault: [putRow[e] as number, i] };
      take[e] = i;
    }
  }
  return {
    elements: {
      history,
      budget,
      at,
      vain: Int32Array.from(vain),
      unknown: Int32Array.from(unknown),
      ...intervals(putRow.subarray(0, count), take, outcome, at, budget),
    },
  };
}

/** Columns without the elements that nobody knows of. */
function intervals(
  putRow: Int32Array,
  takeRow: Int32Array,
  outcome: Uint8Array,
  at: Positions,
  budget: Budget,
): Pick<Elements, 'count' | 'put' | 'take' | 'putFrom' | 'putUntil' | 'takeFrom' | 'takeUntil'> {
  const known = (e: number): boolean => takeRow[e] !== NONE || outcome[putRow[e] as number] === 0;
  let count = 0;
  for (let e = 0; e < putRow.length; e++) if (known(e)) count++;
  const column = (): Int32Array => new Int32Array(count);
  const put = column();
  const take = column();
  const putFrom = column();
  const putUntil = column();
  const takeFrom = column();
  const takeUntil = column();
  for (let e = 0, to = 0; e < putRow.length; e++) {
    budget.pass(e);
    if (!known(e)) continue;
    const p = putRow[e] as number;
    const t = takeRow[e] as number;
    put[to] = p;
    take[to] = t;
    putFrom[to] = at.call[p] as number;
    takeUntil[to] = t === NONE ? NEVER : (at.return[t] as number);
    putUntil[to] = Math.min(at.return[p] as number, takeUntil[to] as number);
    takeFrom[to] = t === NONE ? NEVER : Math.max(at.call[t] as number, putFrom[to] as number);
    to++;
  }
  return { count, put, take, putFrom, putUntil, takeFrom, takeUntil };
}

/** Models compare what people read, and these are read as something else than they are. */
function isOdd(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** The rows of some elements. */
export function rowsOf({ put, take }: Elements, which: Iterable<number>): number[] {
  const rows: number[] = [];
  for (const e of which) {
    rows.push(put[e] as number);
    if (take[e] !== NONE) rows.push(take[e] as number);
  }
  return rows;
}

/** Elements of which some are taken out by operations of unknown outcome: pairs of an element and a row. */
export function takenBy(
  elements: Elements,
  pairs: readonly { readonly element: number; readonly row: number }[],
): Elements {
  const take = elements.take.slice();
  const takeFrom = elements.takeFrom.slice();
  for (const { element, row } of pairs) {
    take[element] = row;
    takeFrom[element] = Math.max(elements.at.call[row] as number, elements.putFrom[element] as number);
  }
  return { ...elements, take, takeFrom };
}

import type { History } from '../../history.ts';
import type { Budget } from '../budget.ts';
import type { SetMove } from '../../model.ts';
import { print } from '../../models/print.ts';
import { decode, FALSE, TRUE } from '../../table/values.ts';

/** What an operation says about an element, or about all of them. */
const SKIP = 0;
export const ADD = 1;
export const REMOVE = 2;
export const HAS = 3;
export const LACKS = 4;
export const READ = 5;
/** It is none of these. */
export const ODD = 6;
export const ODDITY: string = 'of an operation or an answer that a set does not have';

/**
 * The operations of one set by the element that they are about. Skipped are those that say nothing: what failed, and
 * whatever only looks and was never answered. Elements are numbered in the order in which they come.
 */
export interface Members {
  readonly history: History;
  readonly kind: Uint8Array;
  readonly count: number;
  /** The element that an operation is about; −1 for a read of all. */
  readonly element: Int32Array;
  /** `rows[from[e]] … rows[from[e + 1] − 1]` are about element `e`, in order of call. */
  readonly rows: Int32Array;
  readonly from: Int32Array;
  /** The number of an element; −1 if no operation but reads of all are about it. */
  find(value: unknown): number;
  /** How many operations are of each kind. */
  readonly kinds: Int32Array;
}

export function membersOf(
  history: History,
  moves: { readonly [f: string]: SetMove },
  budget: Budget,
): Members {
  const { length, f, outcome, input, output, names, values } = history;
  const kind = new Uint8Array(length);
  const kinds = new Int32Array(ODD + 1);
  const element = new Int32Array(length).fill(-1);
  const numbers = new Map<unknown, number>();
  const of = names.map((name) => moves[name]);
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const what = kindOf(of[f[i] as number], outcome[i] as number, output[i] as number);
    kind[i] = what;
    kinds[what]!++;
    if (what === SKIP || what === READ || what === ODD) continue;
    const name = nameOf(decode(input[i] as number, values));
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    element[i] = number;
  }
  const count = numbers.size;
  const from = new Int32Array(count + 1);
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if ((element[i] as number) >= 0) from[(element[i] as number) + 1]!++;
  }
  for (let e = 0; e < count; e++) from[e + 1]! += from[e] as number;
  const rows = new Int32Array(from[count] as number);
  const next = from.slice();
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if ((element[i] as number) >= 0) rows[next[element[i] as number]!++] = i;
  }
  const find = (value: unknown): number => numbers.get(nameOf(value)) ?? -1;
  return { history, kind, kinds, count, element, rows, from, find };
}

/** Texts of other values than numbers are never those of numbers. */
function nameOf(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? value : print(value);
}

function kindOf(move: SetMove | undefined, outcome: number, output: number): number {
  if (outcome === 1) return SKIP;
  if (move === undefined) return ODD;
  if (move === 'add') return ADD;
  if (move === 'remove') return REMOVE;
  if (outcome !== 0) return SKIP;
  if (move === 'read') return READ;
  return output === TRUE ? HAS : output === FALSE ? LACKS : ODD;
}

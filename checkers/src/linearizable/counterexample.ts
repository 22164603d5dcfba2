import type { History, Operation, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { select } from '../table/table.ts';
import { linearize } from './reference.ts';

/** Operations that are illegal on their own, and how far that was taken. */
export interface Counterexample {
  /** Rows of the object's history, in order of call. */
  readonly rows: readonly number[];
  /** Brute force agrees. It is not asked about sets too large for it. */
  readonly rechecked: boolean;
  /** Nothing more can be left out without losing the proof (under the model's closure). */
  readonly minimal: boolean;
}

/** A set this large is not given to brute force. */
const BRUTE_FORCE_OPERATIONS = 64;
const BRUTE_FORCE_STEPS = 20_000;

/**
 * Shrinks an illegal history of one object to a set of operations that is still illegal and closed (see
 * {@link Model.closure}). `undefined` when brute force finds an order after all, which only a bug can cause.
 */
export function counterexample<Ops extends Operations, State>(
  history: History<Ops>,
  candidates: readonly number[],
  model: Model<Ops, State>,
  isIllegal: (part: History<Ops>) => boolean,
  outOfTime: () => boolean,
): Counterexample | undefined {
  const illegal = (rows: readonly number[]): boolean => isIllegal(select(history, rows));
  const whole = Array.from({ length: history.length }, (_, row) => row);
  let rows: readonly number[] = whole;
  let minimal = false;
  if (model.closure) {
    const operations = whole.map((row) => history.operation(row));
    const closure = model.closure(operations);
    const closed = (part: readonly number[]): readonly number[] =>
      closure(part.map((row) => operations[row] as Operation<Ops>))
        .map(({ id }) => id)
        .toSorted((a, b) => a - b);
    rows = around(candidates, closed, illegal, outOfTime) ?? whole;
    [rows, minimal] = shrink(rows, closed, illegal, outOfTime);
  }
  const few = rows.length <= BRUTE_FORCE_OPERATIONS && !outOfTime();
  const order = few
    ? linearize(
        model,
        rows.map((row) => history.operation(row)),
        BRUTE_FORCE_STEPS,
      )
    : undefined;
  if (Array.isArray(order)) return undefined;
  return { rows, rechecked: order === false, minimal };
}

/**
 * Violations are local more often than not: tries what was called last among the candidates, with what that needs, and
 * twice as much each time it does not suffice.
 */
export function around(
  candidates: readonly number[],
  closed: (rows: readonly number[]) => readonly number[],
  illegal: (rows: readonly number[]) => boolean,
  outOfTime: () => boolean,
): readonly number[] | undefined {
  const sorted = candidates.toSorted((a, b) => a - b);
  for (let last = 8; !outOfTime(); last *= 2) {
    const rows = closed(sorted.slice(-last));
    if (illegal(rows)) return rows;
    if (last >= sorted.length) return undefined;
  }
  return undefined;
}

/** Zeller's delta debugging: leaves out halves, then quarters, down to single operations, for as long as something goes. */
export function shrink(
  from: readonly number[],
  closed: (rows: readonly number[]) => readonly number[],
  illegal: (rows: readonly number[]) => boolean,
  outOfTime: () => boolean,
): [rows: readonly number[], minimal: boolean] {
  let rows = from;
  let chunk = Math.ceil(rows.length / 2);
  while (chunk >= 1) {
    let shrunk = false;
    for (let end = rows.length; end > 0; end = Math.min(end - chunk, rows.length)) {
      if (outOfTime()) return [rows, false];
      const rest = closed([...rows.slice(0, Math.max(0, end - chunk)), ...rows.slice(end)]);
      if (rest.length >= rows.length || !illegal(rest)) continue;
      rows = rest;
      shrunk = true;
    }
    if (!shrunk) chunk = chunk === 1 ? 0 : Math.ceil(Math.min(chunk, rows.length) / 2);
  }
  return [rows, true];
}

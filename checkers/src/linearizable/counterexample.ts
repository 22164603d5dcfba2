import type { History, Operations } from '../history.ts';
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
const BRUTE_FORCE_STEPS = 200_000;

/**
 * Shrinks an illegal history of one object to a set of operations that is still illegal and closed (see
 * {@link Model.closure}), by Zeller's delta debugging: leave out halves, then quarters, down to single operations,
 * for as long as something goes. `undefined` when brute force finds an order after all, which only a bug can cause.
 */
export function counterexample<Ops extends Operations, State>(
  history: History<Ops>,
  candidates: readonly number[],
  model: Model<Ops, State>,
  isIllegal: (part: History<Ops>) => boolean,
  outOfTime: () => boolean,
): Counterexample | undefined {
  const whole = Array.from({ length: history.length }, (_, row) => row);
  const closed = (rows: readonly number[], within: readonly number[]): readonly number[] =>
    model.closure
      ? model
          .closure(
            rows.map((row) => history.operation(row)),
            within.map((row) => history.operation(row)),
          )
          .map(({ id }) => id)
      : within;
  const illegal = (rows: readonly number[]): boolean => isIllegal(select(history, rows));

  let rows = closed(candidates, whole).toSorted((a, b) => a - b);
  if (!illegal(rows)) rows = whole;
  let chunk = Math.ceil(rows.length / 2);
  let minimal = model.closure !== undefined;
  while (chunk >= 1 && minimal) {
    let shrunk = false;
    for (let end = rows.length; end > 0; end -= chunk) {
      if (outOfTime()) {
        minimal = false;
        break;
      }
      const without = [...rows.slice(0, Math.max(0, end - chunk)), ...rows.slice(end)];
      const rest = closed(without, rows);
      if (rest.length >= rows.length || !illegal(rest)) continue;
      rows = rest.toSorted((a, b) => a - b);
      end = Math.min(end, rows.length + chunk);
      shrunk = true;
    }
    if (!shrunk || chunk > rows.length) chunk = chunk === 1 ? 0 : Math.ceil(Math.min(chunk, rows.length) / 2);
  }

  const few = rows.length <= BRUTE_FORCE_OPERATIONS;
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

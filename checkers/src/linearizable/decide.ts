import type { CheckContext } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { anyHistory, rowsByKey, select } from '../table/table.ts';
import { grouped } from '../grouped.ts';
import { Budget, untilSpent } from './budget.ts';
import { judge } from './judge.ts';
import type { Evidence } from './judged.ts';
import { registerSteps } from './register/steps.ts';
import { BROKEN, UNDECIDED, zones } from './register/zones.ts';
import { explains } from './witness.ts';

/** What was found out about one key. Rows are those of the history that was asked about. */
export type Decided = {
  readonly key: number;
  readonly length: number;
  readonly way: string;
  readonly explored: number;
} & (
  | { readonly valid: true; order(): readonly number[] }
  | { readonly valid: false; evidence(): Evidence }
  | { readonly valid: 'unknown'; readonly because: string; readonly reached: number }
);

const ZONES = 'zones (every value is written once)';
/** What zones take. */
const BYTES_PER_OPERATION = 100;
const WITNESS = 'the order that the system revealed';

/**
 * Decides key by key, by the cheapest exact algorithm whose precondition the key is found to meet. Keys that cost
 * nothing come first and then the shortest, so that running out of time leaves the fewest undecided.
 */
export function* decide<Ops extends Operations, State>(
  history: History<Ops>,
  model: Model<Ops, State>,
  context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>,
  /** The rows in the order in which the system says that they took effect, if it says so. */
  witness?: readonly number[],
): Generator<Decided> {
  const left = model.register
    ? yield* byZones(history, model.register, model.initial, new Budget(context))
    : undefined;
  if (left?.size === 0) return;
  const objects = rowsByKey(history).filter(({ key }) => left?.has(key) ?? true);
  const revealed = witness && grouped(witness, (row) => history.key[row] as number);
  for (const { key, rows } of objects.toSorted((a, b) => a.rows.length - b.rows.length)) {
    const object = rows.length === history.length ? history : select(history, rows);
    const shown = revealed?.get(key);
    if (shown && explains(localTo(rows, shown), object, model)) {
      yield { key, length: rows.length, way: WITNESS, explored: 0, valid: true, order: () => shown };
      continue;
    }
    const judged = judge(object, model, new Budget(context));
    const global = (row: number): number => rows[row] as number;
    const common = { key, length: rows.length, way: judged.way, explored: judged.explored ?? 0 };
    if (judged.valid === true) yield { ...common, valid: true, order: () => judged.order().map(global) };
    else if (judged.valid === false) {
      const evidence = (): Evidence => {
        const { rows: own, closed } = judged.evidence();
        return { rows: own.map(global), closed };
      };
      yield { ...common, valid: false, evidence };
    } else
      yield {
        ...common,
        valid: 'unknown',
        because: judged.because,
        reached: 'reached' in judged ? judged.reached : 0,
      };
  }
}

/** The places of some rows among these, which are in order. */
function localTo(rows: Int32Array, some: readonly number[]): number[] {
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  return some.map((row) => place.get(row) as number);
}

/** Yields the keys that zones can decide, and returns the others. */
function* byZones<Ops extends Operations>(
  history: History<Ops>,
  moves: NonNullable<Model<Ops, unknown>['register']>,
  initial: unknown,
  budget: Budget,
): Generator<Decided, ReadonlySet<number>> {
  const found = untilSpent(budget, () => {
    budget.hold(BYTES_PER_OPERATION * history.length);
    return zones(registerSteps(anyHistory(history), moves, initial, budget), budget);
  });
  let orders: ReadonlyMap<number, readonly number[]> | undefined;
  const keys = history.keys.length + 1;
  const lengths = new Int32Array(keys);
  for (let i = 0; i < history.length; i++) lengths[(history.key[i] as number) + 1]!++;
  const left = new Set<number>();
  for (let k = 0; k < keys; k++) {
    const key = k - 1;
    if (lengths[k] === 0) continue;
    const common = { key, length: lengths[k] as number, way: ZONES, explored: 0 };
    if (!found) {
      yield { ...common, valid: 'unknown', because: budget.because as string, reached: 0 };
      continue;
    }
    const { answers, evidence, order } = found;
    if (answers[k] === UNDECIDED) left.add(key);
    else if (answers[k] === BROKEN) yield { ...common, valid: false, evidence: () => evidence(key) };
    else yield { ...common, valid: true, order: () => (orders ??= order()).get(key) ?? [] };
  }
  return left;
}

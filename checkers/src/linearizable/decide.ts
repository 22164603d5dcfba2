import type { CheckContext } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import type { ContainerMoves, Model } from '../model.ts';
import { anyHistory, rowsByKey, select } from '../table/table.ts';
import { Budget } from './budget.ts';
import { judgeContainer } from './container/container.ts';
import { lazySearch } from './register/lazy-search.ts';
import { registerSteps } from './register/steps.ts';
import { BROKEN, UNDECIDED, zones } from './register/zones.ts';
import { search } from './search.ts';

/** What was found out about one key. Rows are those of the history that was asked about. */
export type Decided = {
  readonly key: number;
  readonly length: number;
  readonly way: string;
  readonly explored: number;
} & (
  | { readonly valid: true; order(): readonly number[] }
  /** The evidence is where to begin looking for a counterexample. If it is closed, there is no need to look elsewhere. */
  | { readonly valid: false; evidence(): { readonly rows: readonly number[]; readonly closed: boolean } }
  | { readonly valid: 'unknown'; readonly because: string; readonly reached: number }
);

const ZONES = 'zones (every value is written once)';
const LAZY_SEARCH = 'lazy search (a register whose values repeat)';
const SEARCH = 'search over configurations (any model)';
const CONTAINER = {
  'first in, first out': 'a line of elements (nothing is put in twice)',
  'last in, first out': 'nesting of elements (nothing is put in twice)',
  'smallest first': 'gaps for elements, the smallest first (nothing is put in twice)',
} as const;

/**
 * Decides key by key, by the cheapest exact algorithm whose precondition the key is found to meet. Keys that cost
 * nothing come first and then the shortest, so that running out of time leaves the fewest undecided.
 */
export function* decide<Ops extends Operations, State>(
  history: History<Ops>,
  model: Model<Ops, State>,
  context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>,
): Generator<Decided> {
  const left = model.register ? yield* byZones(history, model.register, model.initial) : undefined;
  if (left?.size === 0) return;
  const objects = rowsByKey(history).filter(({ key }) => left?.has(key) ?? true);
  for (const { key, rows } of objects.toSorted((a, b) => a.rows.length - b.rows.length)) {
    const part = select(history, rows);
    const global = (row: number): number => rows[row] as number;
    const judged = model.container && judgeContainer(anyHistory(part), model.container);
    if (judged && judged.valid !== 'unfit') {
      const way = CONTAINER[(model.container as ContainerMoves).order];
      const common = { key, length: rows.length, way, explored: 0 };
      if (judged.valid) yield { ...common, valid: true, order: () => judged.order().map(global) };
      else
        yield {
          ...common,
          valid: false,
          evidence: () => ({
            rows: judged
              .evidence()
              .map(global)
              .toSorted((a, b) => a - b),
            closed: true,
          }),
        };
      continue;
    }
    const budget = new Budget(context);
    const found = model.register
      ? lazySearch(registerSteps(anyHistory(part), model.register, model.initial), budget)
      : search(part, model, budget);
    const common = {
      key,
      length: rows.length,
      way: model.register ? LAZY_SEARCH : judged ? `${SEARCH}: ${judged.because}` : SEARCH,
      explored: found.explored,
    };
    if (found.valid === true) yield { ...common, valid: true, order: () => found.order.map(global) };
    else if (found.valid === 'unknown') yield { ...common, ...found };
    else
      yield {
        ...common,
        valid: false,
        evidence: () => ({
          rows: Array.from(rows).filter(
            (row) => (history.call[row] as number) < (part.return[found.stuck] as number),
          ),
          closed: false,
        }),
      };
  }
}

/** Yields the keys that zones can decide, and returns the others. */
function* byZones<Ops extends Operations>(
  history: History<Ops>,
  moves: NonNullable<Model<Ops, unknown>['register']>,
  initial: unknown,
): Generator<Decided, ReadonlySet<number>> {
  const { answers, evidence, order } = zones(registerSteps(anyHistory(history), moves, initial));
  let orders: ReadonlyMap<number, readonly number[]> | undefined;
  const lengths = new Int32Array(answers.length);
  for (let i = 0; i < history.length; i++) lengths[(history.key[i] as number) + 1]!++;
  const left = new Set<number>();
  for (let k = 0; k < answers.length; k++) {
    const key = k - 1;
    if (lengths[k] === 0) continue;
    const common = { key, length: lengths[k] as number, way: ZONES, explored: 0 };
    if (answers[k] === UNDECIDED) left.add(key);
    else if (answers[k] === BROKEN) yield { ...common, valid: false, evidence: () => evidence(key) };
    else yield { ...common, valid: true, order: () => (orders ??= order()).get(key) ?? [] };
  }
  return left;
}

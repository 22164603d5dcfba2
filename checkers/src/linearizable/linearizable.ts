import type { Anomaly, CheckContext, Checker, Order, Verdict } from '../checker.ts';
import type { History, Key, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { anyHistory, select } from '../table/table.ts';
import { counterexample } from './counterexample.ts';
import { decide, type Decided } from './decide.ts';
import { explain } from './explain.ts';

export interface LinearizableOptions {
  /**
   * Whether a `true` carries the order that proves it, an id for each operation. Without a word it does for
   * histories of up to 20,000 operations; the verdict is as sure without.
   */
  readonly proof?: boolean;
  /** For how many keys a violation is shrunk and explained; all of them are counted. Default 8. */
  readonly explained?: number;
}

/** A checker that says what it checks by, so that a pool of workers can be told. */
export interface LinearizableChecker<Ops extends Operations> extends Checker<Ops> {
  readonly model: Model<Ops, unknown>;
  readonly options: LinearizableOptions;
}

const PROVED_OPERATIONS = 20_000;
const EXPLAINED_KEYS = 8;

/**
 * Decides whether the operations on each key can be put into one order that the model allows and that respects real
 * time: whatever returned before another was called comes first (Herlihy and Wing, 1990). Linearizability is local,
 * so keys are decided one by one, each by the cheapest exact algorithm that applies; `facts` says which and why.
 */
export function linearizable<Modelled extends Operations, State, Ops extends Modelled = Modelled>(
  model: Model<Modelled, State>,
  options: LinearizableOptions = {},
): LinearizableChecker<Ops> {
  // The operations of a workload may be narrower than the model's: values that are numbers, say, where the model takes
  // any. And a state comes from the model and goes back to it; nobody else looks into one.
  const own = model as unknown as Model<Ops, unknown>;
  return {
    name: 'linearizable',
    model: own,
    options,
    check: (history, context) => check(history, own, options, context),
  };
}

function check<Ops extends Operations>(
  history: History<Ops>,
  model: Model<Ops, unknown>,
  options: LinearizableOptions,
  context: CheckContext,
): Verdict {
  const began = context.now();
  const decided: Decided[] = [];
  let operations = 0;
  for (const one of decide(history, model, context)) {
    decided.push(one);
    context.progress?.((operations += one.length) / history.length);
  }
  const broken = decided.filter((one) => one.valid === false);
  const unknown = decided.filter((one) => one.valid === 'unknown');
  const shown = broken.slice(0, options.explained ?? EXPLAINED_KEYS);
  const anomalies = shown.map((one) => anomaly(history, one.key, one.evidence(), model, context));
  const found = anomalies.filter((one) => one !== undefined);
  const valid = found.length > 0 ? false : broken.length > 0 || unknown.length > 0 ? 'unknown' : true;
  const proves = valid === true && (options.proof ?? history.length <= PROVED_OPERATIONS);
  return {
    checker: 'linearizable',
    valid,
    ...(valid === 'unknown' && {
      because: broken.length > 0 ? DISAGREEMENT : whyUnknown(unknown, decided, anyHistory(history)),
    }),
    ...(valid === false && { disproves: ['linearizable'] }),
    anomalies: found,
    facts: {
      model: model.name,
      operations: history.length,
      keys: decided.length,
      algorithm: ways(decided),
      explored: decided.reduce((sum, one) => sum + one.explored, 0),
      'keys violated': broken.length,
      'keys undecided': unknown.length,
      ms: Math.round((context.now() - began) * 10) / 10,
    },
    ...(proves && { proof: decided.map((one) => proofOf(anyHistory(history), one)) }),
  };
}

const DISAGREEMENT =
  'two algorithms of this package disagree, which is a bug in one of them: please report the history';

/** The fewest operations of a key that show its violation, with the sentence that says so. */
function anomaly<Ops extends Operations>(
  history: History<Ops>,
  key: number,
  evidence: readonly number[],
  model: Model<Ops, unknown>,
  context: CheckContext,
): Anomaly | undefined {
  const rows = Array.from(history.key.keys()).filter((row) => history.key[row] === key);
  const object = select(history, rows);
  const local = new Map(rows.map((row, i) => [row, i]));
  const shown = counterexample(
    object,
    evidence.map((row) => local.get(row) as number),
    model,
    (part) => [...decide(part, model, context)].some(({ valid }) => valid === false),
    () => context.now() > context.deadline,
  );
  return (
    shown && {
      ...explain(
        shown.rows.map((row) => object.operation(row)),
        object,
        model,
      ),
      ...keyOf(anyHistory(history), key),
      operations: shown.rows.map((row) => rows[row] as number),
    }
  );
}

function proofOf(history: History, one: Decided): Order {
  return { ...keyOf(history, one.key), operations: one.valid === true ? one.order() : [] };
}

function ways(decided: readonly Decided[]): string {
  const ways = Map.groupBy(decided, ({ way }) => way);
  if (ways.size === 0) return 'none: there was nothing to check';
  if (ways.size === 1) return decided[0]?.way as string;
  return [...ways].map(([way, keys]) => `${way}: ${keys.length} keys`).join('; ');
}

/** How far it got, what is proven meanwhile, and what to try. */
function whyUnknown(
  unknown: readonly (Decided & { readonly valid: 'unknown' })[],
  decided: readonly Decided[],
  history: History,
): string {
  const worst = unknown[0];
  if (!worst) return '';
  const which = worst.key < 0 ? '' : ` on key ${history.keys[worst.key]}`;
  const others =
    decided.length === 1
      ? ''
      : ` ${decided.length - unknown.length} of ${decided.length} keys are proven linearizable.`;
  return (
    `${worst.because}${which}, ${worst.reached} of ${worst.length} operations in, after ${worst.explored} configurations.${others}` +
    ' Try more time or memory, more keys with fewer operations each, or a workload that writes every value once.'
  );
}

function keyOf(history: History, key: number): { readonly key?: Key } {
  return key < 0 ? {} : { key: history.keys[key] as Key };
}

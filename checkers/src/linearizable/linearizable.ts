import { grouped } from '../grouped.ts';
import type { Anomaly, CheckContext, Checker, Order, Verdict } from '../checker.ts';
import type { History, Key, Operation, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { stopped } from '../stopped.ts';
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
  /**
   * Operations (their ids) in the order in which the system says that they took effect: by revision, by transaction id, by place in
   * a log. It is followed where no faster algorithm applies; if it explains everything it is the proof, in one pass, and if
   * not it is forgotten. Nothing is believed.
   */
  readonly witness?: readonly number[];
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
const EXPLAINING_MS = 1000;
const BLAMING_BYTES = 2 ** 20;
/** To look at one of many operations for what may be left out. */
const MS_PER_ROW = 0.003;
/** As few are always looked at. */
const FEW_ROWS = 64;
const CROWD_ROWS = 200_000;

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
  const proves = options.proof ?? history.length <= PROVED_OPERATIONS;
  const found = outcomes(history, model, { ...options, proof: proves }, context);
  return conclude(anyHistory(history), model.name, found, context.now() - began);
}

/** What was found out about one key, as plain data, so that a worker can send it. Ids are those of the whole history. */
export interface Outcome {
  readonly key: number;
  readonly length: number;
  readonly way: string;
  readonly explored: number;
  readonly valid: boolean | 'unknown';
  readonly order?: readonly number[];
  readonly anomaly?: Anomaly;
  readonly because?: string;
  readonly reached?: number;
}

/** Decides every key, explains the first violations, and keeps the orders if there is to be a proof. */
export function outcomes<Ops extends Operations>(
  history: History<Ops>,
  model: Model<Ops, unknown>,
  { proof = false, explained = EXPLAINED_KEYS, witness }: LinearizableOptions,
  context: CheckContext,
): Outcome[] {
  const decided: Decided[] = [];
  let operations = 0;
  // A violation that is found at the last moment still has to be explained.
  const left = context.deadline - context.now();
  const deadline = context.deadline - Math.min(EXPLAINING_MS, left / 10);
  for (const one of decide(
    history,
    model,
    { ...context, deadline },
    witness?.filter((id) => id >= 0 && id < history.length),
  )) {
    decided.push(one);
    context.progress?.((operations += one.length) / history.length);
  }
  const shown = new Set(decided.filter((one) => one.valid === false).slice(0, explained));
  return decided.map((one) => {
    const { key, length, way, explored } = one;
    const common = { key, length, way, explored };
    if (one.valid === true) return { ...common, valid: true, ...(proof && { order: one.order() }) };
    if (one.valid === 'unknown')
      return { ...common, valid: 'unknown', because: one.because, reached: one.reached };
    if (!shown.has(one)) return { ...common, valid: false };
    const anomaly = anomalyOf(history, key, one.evidence(), model, context);
    return anomaly
      ? { ...common, valid: false, anomaly }
      : { ...common, valid: 'unknown', because: DISAGREEMENT, reached: 0 };
  });
}

/** The verdict over all keys. */
export function conclude(history: History, model: string, found: readonly Outcome[], ms: number): Verdict {
  const broken = found.filter((one) => one.valid === false);
  const unknown = found.filter((one) => one.valid === 'unknown');
  const valid = broken.length > 0 ? false : unknown.length > 0 ? 'unknown' : true;
  const proves = valid === true && found.every(({ order }) => order !== undefined);
  return {
    checker: 'linearizable',
    valid,
    ...(valid === 'unknown' && { because: whyUnknown(unknown, found.length, history) }),
    ...(valid === false && { disproves: ['linearizable'] }),
    anomalies: broken.flatMap(({ anomaly }) => anomaly ?? []),
    facts: {
      model,
      operations: history.length,
      keys: found.length,
      algorithm: ways(found),
      explored: found.reduce((sum, { explored }) => sum + explored, 0),
      'keys violated': broken.length,
      'keys undecided': unknown.length,
      ms: Math.round(ms * 10) / 10,
    },
    ...(proves && {
      proof: found.map(({ key, order = [] }): Order => ({ ...keyOf(history, key), operations: order })),
    }),
  };
}

const DISAGREEMENT =
  'two algorithms of this package disagree, which is a bug in one of them: please report the history';

function rowsOf({ key: keys, length }: Pick<History, 'key' | 'length'>, key: number): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < length; row++) if (keys[row] === key) rows.push(row);
  return rows;
}

/** The fewest operations of a key that show its violation, with the sentence that says so. */
function anomalyOf<Ops extends Operations>(
  history: History<Ops>,
  key: number,
  { rows: evidence, closed }: { readonly rows: readonly number[]; readonly closed: boolean },
  model: Model<Ops, unknown>,
  context: CheckContext,
): Anomaly | undefined {
  const rows = rowsOf(history, key);
  // What is closed is a history of its own, and smaller.
  const ids = closed ? evidence : rows;
  const isTooMuch = ({ length }: readonly number[]): boolean =>
    length > FEW_ROWS && length * MS_PER_ROW > context.deadline - context.now();
  if (isTooMuch(ids)) return unshrunk(anyHistory(history), key, ids);
  const object = rows.length === history.length ? history : select(history, rows);
  const part = closed ? select(history, evidence) : object;
  const local = new Map(ids.map((row, i) => [row, i]));
  const shown = counterexample(
    part,
    evidence.map((row) => local.get(row) as number),
    model,
    (smaller) => [...decide(smaller, model, context)].some(({ valid }) => valid === false),
    () => context.now() > context.deadline,
  );
  if (!shown) return closed ? anomalyOf(history, key, { rows, closed: false }, model, context) : undefined;
  const shownIds = shown.rows.map((row) => ids[row] as number);
  if (isTooMuch(shownIds)) return unshrunk(anyHistory(history), key, shownIds);
  const set = shown.rows.map((row) => part.operation(row));
  const orderOf = (some: readonly Operation<Ops>[]): readonly Operation<Ops>[] | undefined => {
    const few = select(
      part,
      some.map(({ id }) => id),
    );
    const order: Operation<Ops>[] = [];
    for (const one of decide(few, model, { ...context, memoryBytes: BLAMING_BYTES })) {
      if (one.valid !== true) return undefined;
      for (const row of one.order()) order.push(some[row] as Operation<Ops>);
    }
    return order;
  };
  return {
    ...explain(set, object, model, orderOf),
    ...keyOf(anyHistory(history), key),
    operations: shownIds,
  };
}

/** What is told of a violation that there was no time to understand: closed and illegal, though not the fewest operations that are. */
function unshrunk(history: History, key: number, operations: readonly number[]): Anomaly {
  const { key: name } = keyOf(history, key);
  return {
    kind: 'not linearizable',
    ...(name !== undefined && { key: name }),
    operations,
    explanation:
      `No order of ${operations.length === 1 ? 'this operation' : `these ${operations.length} operations`}${name === undefined ? '' : ` on ${name}`} ` +
      'is allowed and respects real time. There was no time to look for the few that show it: with more time they are found.',
  };
}

function ways(found: readonly Outcome[]): string {
  const ways = grouped(found, ({ way }) => way);
  if (ways.size === 0) return 'none: there was nothing to check';
  if (ways.size === 1) return found[0]?.way as string;
  return [...ways].map(([way, keys]) => `${way}: ${keys.length} keys`).join('; ');
}

/** How far it got, what is proven meanwhile, and what to try. */
function whyUnknown(unknown: readonly Outcome[], keys: number, history: History): string {
  const { key, because, reached, length, explored } = unknown[0] as Outcome;
  const which = key < 0 ? '' : ` on key ${history.keys[key]}`;
  if (because === DISAGREEMENT) return `${because}${which}`;
  const decided = keys - unknown.length;
  const upToThere = reached ? `the history${which} is linearizable up to there` : undefined;
  const others = decided > 0 ? `${decided} of ${keys} keys are linearizable` : undefined;
  return stopped({
    limit: `${because}${which}`,
    after: `${reached} of ${length} operations and ${explored} configurations${crowd(history, key)}`,
    proven: [others, upToThere].filter((known) => known !== undefined).join(', and ') || undefined,
    advice:
      'more time or memory, more keys with fewer operations each, or a workload that writes every value once',
  });
}

/** How many operations of a key were under way at once, which is what makes it hard; nothing where it takes long to say. */
function crowd({ length, key: keys, call, return: returned, outcome }: History, key: number): string {
  if (length > CROWD_ROWS) return '';
  let open: number[] = [];
  let most = 0;
  let crashed = 0;
  for (let row = 0; row < length; row++) {
    if (keys[row] !== key) continue;
    if (outcome[row] === 2) crashed++;
    if (outcome[row] !== 0) continue;
    open = open.filter((end) => end > (call[row] as number));
    open.push(returned[row] as number);
    most = Math.max(most, open.length);
  }
  const forEver = crashed === 0 ? '' : `, and of ${crashed} nobody knows whether they took effect`;
  return `, where up to ${most} were under way at once${forEver}`;
}

function keyOf(history: History, key: number): { readonly key?: Key } {
  return key < 0 ? {} : { key: history.keys[key] as Key };
}

import type { CheckContext, Verdict } from '../checker.ts';
import type { History, Key } from '../history.ts';
import { Limits, unlimited, untilLimit } from './limits.ts';
import { FAIL, INFO, OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import { TransactionsBuilder } from './builder.ts';

/** One step of a transaction as workloads write it: `['append', key, element]`, `['w', key, value]`, `['r', key, what it returned]`. */
export type MicroOperation = readonly [f: string, key: Key, value?: unknown];

/** What a workload of transactions does: a list of micro-operations goes in, the same list with reads filled in comes out. */
export type TransactionOperations = {
  readonly txn: { readonly in: readonly MicroOperation[]; readonly out: readonly MicroOperation[] };
};

/**
 * The transactions of a history, whatever it is a history of:
 *
 * - operations with lists of micro-operations are transactions as they stand;
 * - `read`, `write` and `append` on a key are transactions of one step;
 * - `cas` is a read and a write when it succeeded, and a read of something else (nothing we can use) when not.
 *
 * Other operations have nothing to say about reads and writes and are left out.
 */
export function transactionsOf(history: History, limits: Limits = unlimited()): Transactions {
  const builder = new TransactionsBuilder();
  for (const row of history) {
    limits.step(STEPS_PER_ROW);
    const outcome = row.outcome === 'ok' ? OK : row.outcome === 'fail' ? FAIL : INFO;
    const steps = stepsOf(row.f, row.key, row.input, row.output, outcome === OK);
    if (!steps) continue;
    builder.begin(
      row.id,
      row.process,
      outcome,
      row.call,
      Number.isFinite(row.return) ? row.return : undefined,
    );
    for (const step of steps) addStep(builder, step, outcome === OK);
  }
  return builder.finish();
}

/** Judges the transactions of a history; `unknown` where there is not even the time to see which they are. */
export function judgeTransactionsOf(
  history: History,
  checker: string,
  context: CheckContext,
  judge: (txns: Transactions) => Verdict,
): Verdict {
  const seen = untilLimit<Transactions | string>(
    () => transactionsOf(history, new Limits(context)),
    (because) => because(),
  );
  if (typeof seen !== 'string') return judge(seen);
  return { checker, valid: 'unknown', because: seen, anomalies: [], facts: { operations: history.length } };
}

/** A row is an object and a few lists by then. */
const STEPS_PER_ROW = 4;

/** Adds one step; `known` says whether reads carry what they returned. Unknown names are not steps and throw. */
export function addStep(builder: TransactionsBuilder, step: MicroOperation, known: boolean): void {
  const [f, key, value] = step;
  switch (f) {
    case 'a':
    case 'append':
      return builder.append(key, value);
    case 'w':
    case 'write':
      return builder.write(key, value);
    case 'r':
    case 'read':
      if (!known || value === undefined) return builder.unread(key);
      return Array.isArray(value) ? builder.list(key, value as unknown[]) : builder.read(key, value);
    default:
      throw new Error(`a transaction's step is "r", "w" or "append", found ${JSON.stringify(f)}`);
  }
}

/** The steps of one operation, or `undefined` if it is neither a transaction nor one step of one. */
export function stepsOf(
  f: string,
  key: Key | undefined,
  input: unknown,
  output: unknown,
  ok: boolean,
): readonly MicroOperation[] | undefined {
  if (isSteps(input) || isSteps(output))
    return (ok && isSteps(output) ? output : input) as readonly MicroOperation[];
  const at = key ?? 0;
  if (f === 'read') return [['r', at, ok ? (output ?? null) : undefined]];
  if (f === 'write') return [['w', at, input]];
  if (f === 'append') return [['append', at, input]];
  if (f === 'cas' && Array.isArray(input))
    return ok && output === false
      ? []
      : [
          ['r', at, ok ? input[0] : undefined],
          ['w', at, input[1]],
        ];
  return undefined;
}

function isSteps(value: unknown): value is readonly MicroOperation[] {
  return Array.isArray(value) && value.every((step) => Array.isArray(step) && typeof step[0] === 'string');
}

import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History } from '../history.ts';
import { INITIAL, READ } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import { judgeTransactionsOf } from '../transactions/from-history.ts';
import { unlimited } from '../transactions/limits.ts';
import { checkRwRegister } from '../transactions/rw-register.ts';
import { outOfTime } from '../transactions/verdict.ts';
import { writersOf } from '../transactions/writers.ts';
import { describeAll } from '../transactions/words.ts';
import { stopped } from '../stopped.ts';
import { searchFrontiers } from './frontiers.ts';
import { shrink } from './shrink.ts';

/**
 * Sequential consistency (Lamport 1979): some order of all operations that keeps every process's own explains what
 * everyone read. Unlike linearizability it says nothing of real time, and unlike it, it does not hold for a
 * whole because it holds key by key: all keys are judged together.
 *
 * NP-complete. With unique values it is serializability of one-step transactions that keeps sessions, so
 * {@link checkRwRegister} decides it, with order or counterexample. Where values repeat, the frontiers of
 * the processes are searched, each reached once; what is not decided within the limits is `unknown`, and says how far it got.
 */
export interface SequentialOptions {
  /** Frontiers to remember at most. */
  readonly frontiersMax?: number;
}

/** Judges reads, writes and compare-and-sets of registers. */
export function sequential(options: SequentialOptions = {}): Checker {
  return {
    name: 'sequential',
    check: (history: History, context) =>
      judgeTransactionsOf(history, 'sequential', context, (txns) => checkSequential(txns, options, context)),
  };
}

export function checkSequential(
  txns: Transactions,
  options: SequentialOptions = {},
  context?: CheckContext,
): Verdict & { readonly order?: readonly number[] } {
  const facts: Record<string, number | string> = {
    operations: txns.length,
    processes: txns.processes.length,
  };
  const repeated = repeatedReads(txns);
  if (!repeated) {
    const verdict = checkRwRegister(txns, { level: 'strong session serializable' }, context);
    if (verdict.valid !== 'unknown')
      return {
        checker: 'sequential',
        valid: verdict.valid,
        ...(verdict.valid === false && { disproves: ['sequential'] }),
        anomalies: verdict.valid ? [] : verdict.anomalies.map(inSequentialWords),
        facts: { ...facts, algorithm: 'order of versions: every value written once' },
        ...(verdict.order && { order: verdict.order }),
      };
  }
  const limit =
    options.frontiersMax ?? Math.min(2_000_000, Math.floor((context?.memoryBytes ?? 512e6) / 400));
  const search = searchFrontiers(txns, limit, () => outOfTime(context));
  const searched = {
    ...facts,
    algorithm: repeated
      ? 'frontiers: values are written more than once'
      : 'frontiers: no order of versions was found',
    frontiers: search.seen,
  };
  if (search.found === true)
    return {
      checker: 'sequential',
      valid: true,
      anomalies: [],
      facts: searched,
      order: search.order.map((t) => txns.operation[t] as number),
    };
  const far = txns.processes.map((process, s) => `process ${process} at ${search.furthest[s]}`).join(', ');
  if (search.found === false) {
    const few = shrink(
      txns,
      (part) => searchFrontiers(part, SHRINKING_FRONTIERS, () => outOfTime(context)).found === false,
      () => outOfTime(context),
    );
    return {
      checker: 'sequential',
      valid: false,
      disproves: ['sequential'],
      anomalies: [
        {
          kind: 'not sequential',
          operations: few.map((t) => txns.operation[t] as number),
          explanation: `${few.length <= SHOWN_MAX ? `${describeAll(txns, few)}. ` : ''}However the processes are interleaved, some read could not have returned what it did.`,
          inShort: `No single order of all operations gives ${clients(txns.processes)} what they saw.`,
        },
      ],
      facts: searched,
    };
  }
  return {
    checker: 'sequential',
    valid: 'unknown',
    because: stopped({
      limit: search.why,
      after: `${search.seen} frontiers, the furthest of them ${far}`,
      proven: search.furthest.some((place) => place > 0)
        ? 'up to there one order explains every read'
        : undefined,
      advice: 'more time or memory, or to write every value once',
    }),
    anomalies: [],
    facts: searched,
  };
}

/** As many as a sentence can name. */
const NAMED = 5;

function clients(all: readonly number[]): string {
  if (all.length === 1) return `client ${all[0]}`;
  return all.length > NAMED
    ? `${all.length} clients`
    : `clients ${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** What a part may cost that is tried only to show less. */
const SHRINKING_FRONTIERS = 20_000;
/** More operations than this are named, and not told one by one. */
const SHOWN_MAX = 12;

/**
 * Whether a value that was written more than once was read, or was written by whoever had read the key before: nobody can tell
 * then which of its writes is meant by an order of versions.
 */
function repeatedReads(txns: Transactions): boolean {
  const { ambiguities, ambiguous } = writersOf(txns, unlimited());
  if (ambiguities === 0) return false;
  const reader = new Int32Array(txns.keys.length).fill(-1);
  for (let t = 0; t < txns.length; t++)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const k = txns.key[m] as number;
      if (txns.kind[m] === READ) reader[k] = t;
      const v = txns.value[m] as number;
      if (reader[k] === t && v !== INITIAL && ambiguous[v]) return true;
    }
  return false;
}

function inSequentialWords(anomaly: Anomaly): Anomaly {
  const reworded = (text: string): string =>
    text.replace('this is not strong session serializable', 'this is not sequentially consistent');
  return {
    ...anomaly,
    explanation: reworded(anomaly.explanation),
    ...(anomaly.inShort !== undefined && { inShort: reworded(anomaly.inShort) }),
  };
}

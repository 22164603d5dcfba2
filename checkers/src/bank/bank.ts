import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Checker, Verdict } from '../checker.ts';
import type { History, Operation, Operations } from '../history.ts';
import { Budget } from '../linearizable/budget.ts';
import { print } from '../models/print.ts';
import { anyHistory, rowsByKey } from '../table/table.ts';
import { at, count, on, they, who } from '../words.ts';
import { balancesOf, type Balances } from './balances.ts';

export interface BankOptions {
  /** What all accounts hold together. Without it, whatever most reads of all accounts came to. */
  readonly total?: number;
  /** The accounts there are. Without it, all that any read returned. */
  readonly accounts?: readonly (string | number)[];
  /** Whether an account may be overdrawn. Default `false`. */
  readonly mayBeNegative?: boolean;
}

/**
 * Money that is moved between accounts stays the same in all: `transfer` moves it, and `read` returns the balance of every
 * account as it was at one moment.
 *
 * ```
 * transfer 10 a→b   |───────────────────|        a: 60, b: 40 before
 * read                 |─ a: 50, b: 40 ─|        wrong total: 90 of 100, half of the transfer was seen
 * read                                     |─ a: -10, b: 110 ─|     negative balance
 * ```
 *
 * After Jepsen's bank. A wrong total is read skew (A5A of Berenson and others, 1995: a part of a transaction was seen without
 * the rest) if later reads are right again, and something worse, a lost update mostly (P4), if they are not. One pass.
 */
export function bank<Ops extends Operations = Operations>(options: BankOptions = {}): Checker<Ops> {
  return { name: 'bank', check: (history, context) => check(anyHistory(history), options, context) };
}

/** Of each kind of anomaly so many are explained; all are counted. */
const EXPLAINED = 8;
const BYTES_PER_BALANCE = 64;

interface Snapshot {
  readonly row: number;
  readonly balances: Balances;
  /** `undefined` where some balance is no number. */
  readonly sum: number | undefined;
}

type Kind = 'wrong total' | 'negative balance' | 'missing balance' | 'unexpected account';

function check(history: History, options: BankOptions, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const counts = {
    reads: 0,
    'reads of some accounts only': 0,
    transfers: 0,
    'wrong total': 0,
    'negative balance': 0,
    'missing balance': 0,
    'unexpected account': 0,
  };
  const totals: number[] = [];
  let judged = 0;
  const anomalies: Anomaly[] = [];
  let because: string | undefined;
  const others = history.names.filter((name) => !['read', 'transfer', 'txn'].includes(name));
  for (const { rows } of rowsByKey(history)) {
    const snapshots = snapshotsOf(history, rows, budget);
    if (!snapshots) {
      break;
    }
    counts.reads += snapshots.length;
    counts.transfers += transfers(history, rows);
    const accounts = options.accounts?.map(String) ?? accountsIn(snapshots);
    const whole = snapshots.filter(
      ({ balances }) => !budget.spent(0) && accounts.every((account) => balances.has(account)),
    );
    if (budget.because) break;
    counts['reads of some accounts only'] += snapshots.length - whole.length;
    const total = options.total ?? (others.length > 0 ? undefined : commonest(whole));
    if (total !== undefined) totals.push(total);
    const tell = (kind: Kind, explain: () => Anomaly): void => {
      if (++counts[kind] <= EXPLAINED) anomalies.push(explain());
    };
    const known = new Set(accounts);
    for (const snapshot of snapshots) {
      if (budget.spent(0)) break;
      const read = history.operation(snapshot.row);
      for (const [account, balance] of snapshot.balances) {
        if (!known.has(account))
          tell('unexpected account', () => oddBalance('unexpected account', read, account, balance));
        else if (typeof balance !== 'number')
          tell('missing balance', () => oddBalance('missing balance', read, account, balance));
        else if (balance < 0 && !options.mayBeNegative)
          tell('negative balance', () => oddBalance('negative balance', read, account, balance));
      }
    }
    const right = whole.find(({ sum }) => sum === total);
    for (const snapshot of whole)
      if (total !== undefined && snapshot.sum !== undefined && snapshot.sum !== total)
        tell('wrong total', () =>
          wrongTotal(history, whole, snapshot, total, options.total === undefined ? right : undefined),
        );
    if (!budget.because) judged += snapshots.length;
  }
  if (budget.because)
    because = budget.stopped(
      history.length,
      judged === 0 ? undefined : `nothing against the first ${count(judged, 'read')}`,
    );
  because ??= whyUnknown(counts, options.total === undefined ? others : []);
  const valid = anomalies.length > 0 ? false : because === undefined ? true : 'unknown';
  return {
    checker: 'bank',
    valid,
    ...(valid === 'unknown' && because !== undefined && { because }),
    ...(valid === false && { disproves: ['serializable', 'snapshot isolation'] }),
    anomalies,
    facts: {
      ...counts,
      ...(totals.length > 0 && { total: totals.length === 1 ? (totals[0] as number) : totals.join(', ') }),
    },
  };
}

function accountsIn(snapshots: readonly Snapshot[]): string[] {
  const accounts = new Set<string>();
  for (const { balances } of snapshots) for (const account of balances.keys()) accounts.add(account);
  return [...accounts];
}

function snapshotsOf(history: History, rows: Int32Array, budget: Budget): Snapshot[] | undefined {
  const snapshots: Snapshot[] = [];
  let held = 0;
  for (const row of rows) {
    if (budget.spent(held * BYTES_PER_BALANCE)) return undefined;
    if (history.outcome[row] !== 0) continue;
    const { f, output } = history.operation(row);
    const balances = f === 'read' || f === 'txn' ? balancesOf(output) : undefined;
    if (!balances) continue;
    let sum: number | undefined = 0;
    for (const balance of balances.values())
      sum = sum !== undefined && typeof balance === 'number' ? sum + balance : undefined;
    snapshots.push({ row, balances, sum });
    held += balances.size;
  }
  return snapshots;
}

/** Operations that moved something, or may have. */
function transfers(history: History, rows: Int32Array): number {
  let found = 0;
  for (const row of rows) {
    const name = history.names[history.f[row] as number];
    if (name === 'read' || history.outcome[row] === 1) continue;
    if (name !== 'txn' || !balancesOf(history.operation(row).output ?? history.operation(row).input)) found++;
  }
  return found;
}

/** The total of most, the first to be found where there are several. */
function commonest(snapshots: readonly Snapshot[]): number | undefined {
  const votes = new Map<number, number>();
  for (const { sum } of snapshots) if (sum !== undefined) votes.set(sum, (votes.get(sum) ?? 0) + 1);
  let best: number | undefined;
  for (const [sum, number] of votes)
    if (best === undefined || number > (votes.get(best) as number)) best = sum;
  return best;
}

function whyUnknown(counts: Readonly<Record<string, number>>, others: readonly string[]): string | undefined {
  if (counts['reads'] === 0)
    return 'no read of balances succeeded, so nothing could have shown; read while money is moved';
  if (counts['reads of some accounts only'] === counts['reads'])
    return 'no read returned all accounts, so that no total is known; read all of them at once, or say which there are';
  if (counts['transfers'] === 0)
    return 'nothing was moved, so nothing could have shown; transfer while others read';
  if (others.length > 0) return `${others.join(', ')} may change the total, so it has to be given`;
  return undefined;
}

function oddBalance(kind: Kind, read: Operation, account: string, balance: unknown): Anomaly {
  const what =
    kind === 'unexpected account'
      ? `an account ${account}, which there is not, with ${print(balance)}`
      : kind === 'missing balance'
        ? `${print(balance)} for the balance of ${account}`
        : `a balance of ${print(balance)} on ${account}`;
  return anomaly(kind, [read], `${found(read)} ${what}.`);
}

function wrongTotal(
  history: History,
  whole: readonly Snapshot[],
  { row, sum }: Snapshot,
  total: number,
  right: Snapshot | undefined,
): Anomaly {
  const read = history.operation(row);
  const later = whole.filter((other) => (history.call[other.row] as number) > read.return);
  const again = later.filter((other) => other.sum === total).length;
  const then =
    later.length === 0
      ? 'nobody read after that'
      : again > 0
        ? `${later.length === 1 ? 'the next read' : `${again} of ${count(later.length, 'later read')}`} found it right again, so that it saw a part of a transfer without the rest`
        : `${later.length === 1 ? 'the next read did not find' : `none of ${later.length} later reads found`} it right again`;
  const known =
    right === undefined ? 'there are' : `others, ${they(history.operation(right.row))} first, found`;
  return anomaly(
    'wrong total',
    [read, ...(right ? [history.operation(right.row)] : [])],
    `${found(read)} ${sum} in all, where ${known} ${total}; ${then}.`,
  );
}

function found(read: Operation): string {
  return `${who(read)} read${on(read)}${at(read.callTime)} and found`;
}

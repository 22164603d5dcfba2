import { bank, type History } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';

/** What every account holds in the beginning. A system is not told: an account that nobody has touched holds this. */
export const OPENING = 20;

/** A key is a bank. Accounts are numbered from 0. */
export type BankOps = {
  /** `false`: there was not enough on it. */
  transfer: { in: readonly [from: number, to: number, amount: number]; out: boolean };
  /** The balances of so many accounts, as they were at one moment. */
  read: { in: number; out: readonly number[] };
};

export interface BankOptions {
  readonly accounts: number;
  /** The share of operations that read. */
  readonly read: number;
}

const KEY = 'bank';
const READS = 20;

const workload: Workload<BankOps, BankOptions> = {
  name: 'bank',
  about: 'moves money between accounts, and reads all of them; what there is in all stays the same',
  defaults: { accounts: 6, read: 0.5 },
  reads: ['read'],
  main(options, random) {
    const { accounts, read } = options;
    demand('bank', {
      'accounts should be a whole number from 2': isCount(accounts) && accounts >= 2,
      'read should be a share above 0, below 1': isShare(read) && read > 0 && read < 1,
    });
    return transfers(options, random);
  },
  *final({ accounts }) {
    for (let i = 0; i < READS; i++) yield { f: 'read', key: KEY, value: accounts };
  },
  checkers: ({ accounts }) => [bank({ total: accounts * OPENING })],
  sometimes: () => ({
    'money was moved': (history) => moved(history, true),
    'a transfer was refused': (history) => moved(history, false),
  }),
};

export default workload;

function* transfers({ accounts, read }: BankOptions, random: Random): Iterable<Invocation<BankOps>> {
  for (;;) {
    const from = random.below(accounts);
    const to = (from + 1 + random.below(accounts - 1)) % accounts;
    if (random.fraction() < read) yield { f: 'read', key: KEY, value: accounts };
    else yield { f: 'transfer', key: KEY, value: [from, to, 1 + random.below(OPENING)] };
  }
}

function moved(history: History<BankOps>, how: boolean): boolean {
  for (const { f, outcome, output } of history)
    if (f === 'transfer' && outcome === 'ok' && output === how) return true;
  return false;
}

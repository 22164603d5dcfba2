import { combine, type Anomaly, type CheckContext, type Checker, type Verdict } from '../checker.ts';
import { verdictOn } from '../explained.ts';
import type { History, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { stopped } from '../stopped.ts';
import { anyHistory } from '../table/table.ts';
import { agreement, effects, stability, termination, validity } from './rules.ts';
import { doubts, type Doubt } from './doubts.ts';
import { accountsOf, type Account } from './accounts.ts';

const BYTES_PER_OPERATION = 250;

const PROMISES: readonly (readonly [promise: string, rule: (account: Account) => Anomaly | undefined])[] = [
  ['agreement (AC1)', agreement],
  ['stability (AC2)', stability],
  ['validity (AC3)', validity],
  ['all or nothing', effects],
  ['termination (AC5)', termination],
];

/**
 * Atomic commitment, as Bernstein, Hadzilacos and Goodman define it (1987, chapter 7), from what clients were told.
 *
 * A transaction is a key. `transact [value, no]` asks for it: every node is to store `value`, or none, and node `no`
 * (counted around in the order of their names; null: nobody) will vote no. `outcome` asks one node what became of it:
 * `[state, value]`, where the state is `unknown`, `prepared` (it voted yes and waits), `commit` or `abort`. `settled`
 * asks the same once every fault is healed, again and again for as long as the answer is not final.
 *
 * ```
 *   AC1  all who decide decide the same        n1 says commit, n2 says abort
 *   AC2  nobody goes back on a decision        n1 says commit, and later abort
 *   AC3  a commit needs every vote             n2 was to vote no, and n1 says commit
 *        all or nothing                        n1 says commit and has no value; abort, and has it
 *   AC4  without failures, all yes is commit   after the healing, at least one such transaction commits
 *   AC5  in the end everybody decides          ten seconds after the healing, n3 is still prepared
 * ```
 *
 * One pass, in time and memory proportional to the history. AC4 is about executions without failures, which no
 * history can vouch for; where everything that all could agree to was aborted even after the healing, the
 * verdict is `unknown`.
 */
export function atomicCommit<Ops extends Operations = Operations>(): Checker<Ops> {
  return {
    name: 'atomic commitment',
    check: (history, context) => check(anyHistory(history), context),
  };
}

function check(history: History, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const found = PROMISES.map((): Anomaly[] => []);
  const tally = new Tally();
  const done = budget.spent(BYTES_PER_OPERATION * history.length)
    ? undefined
    : untilSpent(budget, () => {
        for (const account of accountsOf(history, budget)) {
          for (const [i, [, rule]] of PROMISES.entries()) {
            const broken = rule(account);
            if (broken) found[i]?.push(broken);
          }
          tally.add(account);
        }
        return true;
      });
  const because = done
    ? undefined
    : stopped({
        limit: budget.because as string,
        after: `${tally.transactions} of ${history.keys.length} transactions`,
        proven: tally.transactions > 0 ? 'nothing against those' : undefined,
      });
  const parts = PROMISES.map(([promise], i) => ({
    ...verdictOn(promise, found[i] as Anomaly[], because),
    ...((found[i] as Anomaly[]).length > 0 && { disproves: ['atomic commitment'] }),
  }));
  return {
    ...combine('atomic commitment', [...parts, ...(done ? progress(tally) : [])]),
    facts: tally.facts,
  };
}

/** AC4, where the history shows what happened after the healing. */
function progress({ late, committedLate }: Tally): Verdict[] {
  if (late === 0) return [];
  return [
    {
      checker: 'progress (AC4)',
      valid: committedLate > 0 || 'unknown',
      ...(committedLate === 0 && {
        because: `none of ${late} transactions that all nodes could agree to was committed after the faults had healed; leave more time after the healing`,
      }),
      anomalies: [],
      facts: { asked: late, committed: committedLate },
    },
  ];
}

/** What is counted over all transactions. */
class Tally {
  transactions = 0;
  late = 0;
  committedLate = 0;
  #committed = 0;
  #aborted = 0;
  #abortedInVain = 0;
  readonly #waits: Doubt[] = [];

  add(account: Account): void {
    const { no, afterHealing, answer, decisions } = account;
    this.transactions++;
    if (afterHealing && no === null) {
      this.late++;
      if (answer?.state === 'commit') this.committedLate++;
    }
    if (decisions.some(({ state }) => state === 'commit')) this.#committed++;
    if (decisions.some(({ state }) => state === 'abort')) {
      this.#aborted++;
      if (no === null) this.#abortedInVain++;
    }
    this.#waits.push(...doubts(account));
  }

  get facts(): Record<string, number> {
    const longest = (which: (doubt: Doubt) => boolean): number =>
      Math.round(this.#waits.reduce((most, doubt) => (which(doubt) ? Math.max(most, doubt.ms) : most), 0));
    return {
      transactions: this.transactions,
      committed: this.#committed,
      aborted: this.#aborted,
      'aborted though nobody refused': this.#abortedInVain,
      'in doubt': this.#waits.length,
      'in doubt, longest ms': longest(() => true),
      'in doubt, longest ms, until a commit': longest(({ end }) => end === 'commit'),
      'in doubt, longest ms, until an abort': longest(({ end }) => end === 'abort'),
      'in doubt, longest ms, while another node knew': longest(({ alone }) => !alone),
    };
  }
}

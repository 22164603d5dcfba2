import { combine, type Anomaly, type Checker, type Verdict } from '../checker.ts';
import type { History, Operations } from '../history.ts';
import { anyHistory } from '../table/table.ts';
import { agreement, effects, stability, termination, validity } from './rules.ts';
import { doubts, type Doubt } from './doubts.ts';
import { accountsOf, type Account } from './accounts.ts';

/** How many anomalies of each promise are explained; all are counted. */
const EXPLAINED = 16;

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
  return { name: 'atomic commitment', check: (history) => check(anyHistory(history)) };
}

function check(history: History): Verdict {
  const accounts = accountsOf(history);
  const parts = PROMISES.map(([promise, rule]): Verdict => {
    const found = accounts.flatMap((account) => rule(account) ?? []);
    return {
      checker: promise,
      valid: found.length === 0,
      ...(found.length > 0 && { disproves: ['atomic commitment'] }),
      anomalies: found.slice(0, EXPLAINED),
      facts: { anomalies: found.length },
    };
  });
  const late = progress(accounts);
  const verdict = combine('atomic commitment', [...parts, ...late]);
  const because = late[0]?.because;
  return {
    ...verdict,
    ...(verdict.valid === 'unknown' && because !== undefined && { because }),
    facts: factsOf(accounts),
  };
}

/** AC4, where the history shows what happened after the healing. */
function progress(accounts: readonly Account[]): Verdict[] {
  const late = accounts.filter(({ afterHealing, no }) => afterHealing && no === null);
  if (late.length === 0) return [];
  const committed = late.filter(({ answer }) => answer?.state === 'commit').length;
  return [
    {
      checker: 'progress (AC4)',
      valid: committed > 0 || 'unknown',
      ...(committed === 0 && {
        because: `none of ${late.length} transactions that all nodes could agree to was committed after the faults had healed`,
      }),
      anomalies: [],
      facts: { asked: late.length, committed },
    },
  ];
}

function factsOf(accounts: readonly Account[]): Record<string, number> {
  const decided = (state: string) =>
    accounts.filter((account) => account.decisions.some((it) => it.state === state));
  const waits = accounts.flatMap(doubts);
  const longest = (which: (doubt: Doubt) => boolean): number =>
    Math.round(Math.max(0, ...waits.filter(which).map(({ ms }) => ms)));
  return {
    transactions: accounts.length,
    committed: decided('commit').length,
    aborted: decided('abort').length,
    'aborted though nobody refused': decided('abort').filter(({ no }) => no === null).length,
    'in doubt': waits.length,
    'in doubt, longest ms': longest(() => true),
    'in doubt, longest ms, until a commit': longest(({ end }) => end === 'commit'),
    'in doubt, longest ms, until an abort': longest(({ end }) => end === 'abort'),
    'in doubt, longest ms, while another node knew': longest(({ alone }) => !alone),
  };
}

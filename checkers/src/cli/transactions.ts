import type { Verdict } from '../checker.ts';
import { checkCausal } from '../causal/causal.ts';
import { checkSequential } from '../sequential/sequential.ts';
import { checkSessions } from '../sessions/sessions.ts';
import type { CheckContext } from '../checker.ts';
import { APPEND } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import type { Level, Proof } from '../transactions/levels.ts';
import { checkListAppend } from '../transactions/list-append.ts';
import { checkRwRegister } from '../transactions/rw-register.ts';
import { UsageError } from './options.ts';

/** What files that hold one transaction a line can be judged by. */
const CHECKS: Readonly<
  Record<string, (txns: Transactions, level: Level | undefined, context: CheckContext) => Verdict>
> = {
  'list-append': (txns, level, context) =>
    checkListAppend(txns, { level: level ?? strongest(txns) }, context),
  'rw-register': (txns, level, context) =>
    checkRwRegister(txns, { level: level ?? strongest(txns) }, context),
  causal: (txns, _, context) => checkCausal(txns, {}, context),
  sessions: (txns, _, context) => checkSessions(txns, {}, context),
  sequential: (txns, _, context) => checkSequential(txns, {}, context),
};

/** Judges transactions by the model that is named, or else by what they do: append to lists, or write registers. */
export function judgeTransactions(
  txns: Transactions,
  model: string | undefined,
  level: Level | undefined,
  context: CheckContext,
): { readonly model: string; readonly verdict: Verdict } {
  const name = model ?? (txns.kind.includes(APPEND) ? 'list-append' : 'rw-register');
  const check = CHECKS[name];
  if (!check)
    throw new UsageError(
      `--model ${name}: a file of transactions is judged by one of ${Object.keys(CHECKS).join(', ')}`,
    );
  return { model: name, verdict: check(txns, level, context) };
}

/** Without times nobody can tell whether real time was kept, so without a level nobody is held to it. */
function strongest(txns: Transactions): Level {
  return txns.timed ? 'strict serializable' : 'serializable';
}

/** What is known about every level, a line each; nothing for verdicts that have no such map. */
export function describeMap(
  verdict: Verdict & { readonly levels?: Readonly<Record<string, Proof>> },
): string {
  const { levels } = verdict;
  if (!levels) return '';
  const lines = Object.entries(levels).map(([level, proof]) => `    ${proof.padEnd(8)} ${level}\n`);
  return `\n  consistency map\n${lines.join('')}`;
}

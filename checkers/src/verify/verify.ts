import type { Verdict } from '../checker.ts';
import type { CausalLevel } from '../causal/causal.ts';
import type { History, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { GUARANTEES } from '../sessions/sessions.ts';
import type { Guarantee } from '../sessions/sessions.ts';
import { LEVELS, placeOf } from '../transactions/levels.ts';
import type { Transactions } from '../transactions/columns.ts';
import { wrongCausality } from './causal.ts';
import { wrongLinearization } from './linearization.ts';
import { wrongOrder } from './order.ts';
import { recorded } from './recorded.ts';
import { wrongRead, wrongSession } from './sessions.ts';
import { wrongEvidence } from './transactions.ts';
import type { Held } from './transactions.ts';

/**
 * Checks a verdict without any of the code that came to it, and says what is wrong, or `undefined`.
 *
 * A `true` is right if its order holds everything that happened, is possible step by step, and keeps the order of sessions or
 * of real time where that was promised. A `false` is right if the operations of each anomaly break the promise on
 * their own, whatever else the history holds: because brute force finds no order of them, or by the definition of what they show.
 *
 * That goes for verdicts of {@link linearizable}, {@link listAppend}, {@link rwRegister} and {@link sequential}; those
 * of {@link causal} and {@link sessions} prove what they refute, and nothing else. An `unknown`, and a `true` without a proof, claims nothing that
 * could be checked; that is said. The model is found by the name in the verdict's facts; for one of your own, hand it over.
 */
export function verify<Ops extends Operations, State>(
  verdict: Verdict,
  history: History<Ops> | Transactions,
  model?: Model<Ops, State>,
): string | undefined {
  if (verdict.valid === 'unknown') return 'it carries no proof: it is unknown';
  if (verdict.valid === false && verdict.anomalies.length === 0) return 'it names no anomaly';
  if (verdict.checker === 'linearizable')
    return 'processes' in history
      ? 'transactions are no operations of one object'
      : wrongLinearization(verdict, history, model);
  const rows = recorded(history as History | Transactions);
  const held = heldTo(verdict.checker);
  const claims = verdict.anomalies.filter(({ allowed, kind }) => !allowed && !kind.endsWith(' (inferred)'));
  if (held && verdict.valid) {
    const { order } = verdict as { readonly order?: readonly number[] };
    if (!order) return 'it carries no proof: no order of the transactions';
    const wrong = wrongOrder(rows, order, held.family);
    // A level that asks for less than serializability may hold for other reasons.
    return wrong === undefined || held.class === 'any'
      ? wrong
      : `it carries no proof: of the order that it carries, ${wrong}`;
  }
  if (verdict.valid)
    return `it carries no proof: ${verdict.checker} is proven by nothing that could be shown`;
  const level = /^causal (.*)$/.exec(verdict.checker)?.[1] as CausalLevel | undefined;
  for (const anomaly of claims) {
    const wrong = held
      ? wrongEvidence(rows, anomaly, held)
      : level
        ? wrongCausality(rows, anomaly, level)
        : GUARANTEES.some((name) => name === anomaly.kind)
          ? wrongSession(rows, anomaly, anomaly.kind as Guarantee)
          : UNWRITTEN.includes(anomaly.kind)
            ? wrongRead(rows, anomaly)
            : `nothing here re-checks a ${anomaly.kind} of ${verdict.checker}`;
    if (wrong !== undefined) return wrong;
  }
  return claims.length > 0 ? undefined : 'it names no anomaly that it forbids';
}

/** What no session can rely on, by whatever it was promised. */
const UNWRITTEN: readonly string[] = ['thin-air read', 'G1a', 'internal'];

/** What the checker of this name holds transactions to. */
function heldTo(checker: string): Held | undefined {
  if (checker === 'sequential') return { family: 'process', class: 'any' };
  const name = /^(?:list-append|rw-register) (.*)$/.exec(checker)?.[1];
  const level = LEVELS.find((each) => each === name);
  return level && placeOf(level);
}

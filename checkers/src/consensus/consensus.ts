import { combine, type Anomaly, type CheckContext, type Checker, type Verdict } from '../checker.ts';
import { verdictOn } from '../explained.ts';
import type { History, Key, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { print } from '../models/print.ts';
import { stopped } from '../stopped.ts';
import { anyHistory, rowsByKey } from '../table/table.ts';
import { decode } from '../table/values.ts';

const BYTES_PER_OPERATION = 100;

/**
 * Consensus, one instance a key. `propose v` returns what was decided; `learned` returns what one node has learned of
 * it, or null.
 *
 * ```
 *   agreement   nobody learns another decision     propose 1 → 1, propose 2 → 2
 *   validity    what is decided was proposed       propose 1 → 7
 *   integrity   no node decides twice              n1 learned 1, and later 2
 * ```
 *
 * Termination is what no algorithm can promise (Fischer, Lynch & Paterson 1985); how often a proposal went without an
 * answer, and how long the others took, are among the facts. One pass, in time proportional to the history. Values are
 * proposed once each: else validity says less.
 */
export function consensus<Ops extends Operations = Operations>(): Checker<Ops> {
  return { name: 'consensus', check: (history, context) => check(anyHistory(history), context) };
}

/** Somebody was told of a decision. */
interface Decision {
  readonly id: number;
  readonly value: unknown;
  /** Undefined for the answer to a proposal. */
  readonly node: string | undefined;
  readonly call: number;
  readonly return: number;
}

interface Instance {
  readonly key: Key;
  /** Proposals that may have had an effect, by value: the operation's id. */
  readonly proposed: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
  /** By call. */
  readonly decisions: readonly Decision[];
}

function check(history: History, context: CheckContext): Verdict {
  const budget = new Budget(context);
  const rules = Object.entries({ agreement, validity, integrity });
  const found = rules.map((): Anomaly[] => []);
  let judged = 0;
  let decided = 0;
  const facts = budget.spent(BYTES_PER_OPERATION * history.length)
    ? undefined
    : untilSpent(budget, () => {
        for (const instance of instancesOf(history, budget)) {
          for (const [i, [, rule]] of rules.entries()) {
            const broken = rule(instance, history);
            if (broken) found[i]?.push(broken);
          }
          if (instance.decisions.length > 0) decided++;
          judged++;
        }
        return proposalsOf(history, budget);
      });
  const because = facts
    ? undefined
    : stopped({
        limit: budget.because as string,
        after: `${judged} of ${history.keys.length} instances`,
        proven: judged > 0 ? 'nothing against those' : undefined,
      });
  const parts = rules.map(([promise], i) => ({
    ...verdictOn(promise, found[i] as Anomaly[], because),
    ...((found[i] as Anomaly[]).length > 0 && { disproves: ['consensus'] }),
  }));
  return { ...combine('consensus', parts), facts: { instances: judged, decided, ...facts } };
}

function agreement({ key, decisions }: Instance, history: History): Anomaly | undefined {
  const first = decisions.toSorted((a, b) => a.return - b.return)[0];
  const other = decisions.find(({ value }) => first && print(value) !== print(first.value));
  if (!first || !other) return undefined;
  return {
    kind: 'disagreement',
    key,
    operations: [first.id, other.id].toSorted((a, b) => a - b),
    explanation: `Two values were decided for ${key}: ${says(first, history)}, and ${says(other, history)}.`,
  };
}

function validity({ key, proposed, refused, decisions }: Instance, history: History): Anomaly | undefined {
  for (const decision of decisions) {
    const name = print(decision.value);
    const proposal = proposed.get(name);
    if (proposal !== undefined && (history.call[proposal] as number) < decision.return) continue;
    const denied = refused.get(name);
    const why =
      proposal !== undefined
        ? 'which was proposed only later'
        : denied === undefined
          ? 'which nobody had proposed'
          : 'though whoever proposed it was told that it had not happened';
    const other = proposal ?? denied;
    return {
      kind: 'decision that nobody proposed',
      key,
      operations: [...(other === undefined ? [] : [other]), decision.id].toSorted((a, b) => a - b),
      explanation: `For ${key}, ${says(decision, history)}, ${why}.`,
    };
  }
  return undefined;
}

/** Also a case of disagreement, and the plainer one. */
function integrity({ key, decisions }: Instance, history: History): Anomaly | undefined {
  const before = new Map<string, Decision>();
  for (const decision of decisions) {
    if (decision.node === undefined) continue;
    const earlier = before.get(decision.node);
    if (!earlier) before.set(decision.node, decision);
    else if (print(earlier.value) !== print(decision.value))
      return {
        kind: 'decided twice',
        key,
        operations: [earlier.id, decision.id],
        explanation: `${decision.node} decided twice for ${key}: ${says(earlier, history)}, and ${says(decision, history)}.`,
      };
  }
  return undefined;
}

function says({ id, value, node }: Decision, history: History): string {
  const time = history.returnTime[id] as number;
  const when = Number.isFinite(time) ? ` at ${(time / 1e9).toFixed(3)} s` : '';
  const client = `client ${history.process[id]}`;
  return node === undefined
    ? `${client} was told ${print(value)}${when}`
    : `${node} told ${client} ${print(value)}${when}`;
}

function* instancesOf(history: History, budget: Budget): Generator<Instance> {
  const propose = history.names.indexOf('propose');
  let looked = 0;
  for (const { key, rows } of rowsByKey(history)) {
    if (key < 0) continue;
    const proposed = new Map<string, number>();
    const refused = new Map<string, number>();
    const decisions: Decision[] = [];
    for (const id of rows) {
      budget.pass(looked++);
      const proposes = history.f[id] === propose;
      const input = print(decode(history.input[id] as number, history.values));
      if (proposes) (history.outcome[id] === 1 ? refused : proposed).set(input, id);
      const value = history.outcome[id] === 0 ? decode(history.output[id] as number, history.values) : null;
      if (value === null || value === undefined) continue;
      decisions.push({
        id,
        value,
        node: proposes ? undefined : history.nodes[history.node[id] as number],
        call: history.call[id] as number,
        return: history.return[id] as number,
      });
    }
    yield { key: history.keys[key] as Key, proposed, refused, decisions };
  }
}

/** How many were answered, and how soon. */
function proposalsOf(history: History, budget: Budget): Record<string, number> {
  const propose = history.names.indexOf('propose');
  const took: number[] = [];
  let unanswered = 0;
  for (let id = 0; id < history.length; id++) {
    budget.pass(id);
    if (history.f[id] !== propose) continue;
    if (history.outcome[id] === 0)
      took.push(((history.returnTime[id] as number) - (history.callTime[id] as number)) / 1e6);
    else if (history.outcome[id] === 2) unanswered++;
  }
  const sorted = Float64Array.from(took).sort();
  const at = (q: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
  return {
    'proposals answered': took.length,
    'proposals without an answer': unanswered,
    'ms to an answer, median': at(0.5),
    'ms to an answer, 99 %': at(0.99),
  };
}

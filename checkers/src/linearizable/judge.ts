import type { History, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import { anyHistory } from '../table/table.ts';
import { untilSpent, type Budget } from './budget.ts';
import { judgeContainer } from './container/container.ts';
import type { Judged } from './judged.ts';
import { judgeGrowing } from './growing/judge-growing.ts';
import { judgeHolds } from './lock/holds.ts';
import { judgeTurns } from './lock/turns.ts';
import { lazySearch } from './register/lazy-search.ts';
import { registerSteps } from './register/steps.ts';
import { search, type Found } from './search.ts';
import { judgeElements } from './set/elements.ts';
import { membersOf, READ } from './set/members.ts';
import { judgeReads } from './set/reads.ts';

/** A way of judging one object: its name, for people, and what it finds out. */
interface Way {
  readonly name: string;
  /** What it takes for each operation; the searches count for themselves what they hold besides. */
  readonly bytes: number;
  judge(): Judged;
}

const CONTAINERS = {
  'first in, first out': 'a line of elements (nothing is put in twice)',
  'last in, first out': 'nesting of elements (nothing is put in twice)',
  'smallest first': 'gaps for elements, the smallest first (nothing is put in twice)',
} as const;

/** Judges one object by the first way that fits, and says which it was, and why it was none of those before. */
export function judge<Ops extends Operations, State>(
  object: History<Ops>,
  model: Model<Ops, State>,
  budget: Budget,
): Judged & { readonly way: string } {
  const reasons: string[] = [];
  for (const { name, bytes, judge } of ways(object, model, budget)) {
    const judged =
      untilSpent(budget, () => {
        budget.hold(bytes * object.length);
        return judge();
      }) ?? unknown(budget);
    if (judged.valid !== 'unfit') return { ...judged, way: [name, ...reasons].join(': ') };
    reasons.push(judged.because);
  }
  throw new Error('the search fits every model');
}

function unknown({ because = '' }: Budget): Judged {
  return { valid: 'unknown', because, reached: 0 };
}

/** The cheapest first. */
function* ways<Ops extends Operations, State>(
  object: History<Ops>,
  model: Model<Ops, State>,
  budget: Budget,
): Generator<Way> {
  const { container, set, lock, growth, register, initial } = model;
  if (container)
    yield {
      name: CONTAINERS[container.order],
      bytes: 200,
      judge: () => judgeContainer(anyHistory(object), container, budget),
    };
  if (set) {
    const members = untilSpent(budget, () => {
      budget.hold(100 * object.length);
      return membersOf(anyHistory(object), set, budget);
    });
    if (!members) yield { name: 'elements of a set', bytes: 0, judge: () => unknown(budget) };
    else if (members.kinds[READ])
      yield {
        name: 'chain of reads (nothing is removed, nothing added twice)',
        bytes: 200,
        judge: () => judgeReads(members, budget),
      };
    else
      yield {
        name: 'elements one by one (nobody reads all of them)',
        bytes: 120,
        judge: () => judgeElements(members, budget),
      };
  }
  if (lock)
    yield lock.owned
      ? {
          name: 'holds of a lock, in their only order',
          bytes: 100,
          judge: () => judgeHolds(anyHistory(object), lock, budget),
        }
      : { name: 'turns of a mutex', bytes: 60, judge: () => judgeTurns(anyHistory(object), lock, budget) };
  if (growth)
    yield {
      name: 'contents as values of a register (they tell what each append was added to)',
      bytes: 800,
      judge: () => judgeGrowing(anyHistory(object), growth, budget),
    };
  if (register)
    yield {
      name: 'lazy search (a register whose values repeat)',
      bytes: 60,
      judge: () =>
        asJudged(object, lazySearch(registerSteps(anyHistory(object), register, initial, budget), budget)),
    };
  yield {
    name: 'search over configurations (any model)',
    bytes: 60,
    judge: () => asJudged(object, search(object, model, budget)),
  };
}

function asJudged<Ops extends Operations>({ call, return: returned }: History<Ops>, found: Found): Judged {
  if (found.valid !== false) return found;
  const { explored, stuck } = found;
  const called = (): number[] =>
    Array.from(call.keys()).filter((row) => (call[row] as number) < (returned[stuck] as number));
  return { valid: false, explored, evidence: () => ({ rows: called(), closed: false }) };
}

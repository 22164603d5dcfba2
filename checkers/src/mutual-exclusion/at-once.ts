import type { Operation } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import type { Hold } from './holds.ts';

/** Two processes that both held a lock, and the use of it by which each shows that it still did. */
export interface AtOnce {
  readonly first: Hold;
  readonly second: Hold;
  readonly firstUse: Operation;
  readonly secondUse: Operation;
}

/**
 * A process certainly thinks that it holds a lock from the return of its acquire to the call of its last use. For each hold, the
 * first other that this was so of at the same moment.
 *
 * ```
 *   A   |─ acquire ─|░░░░░░░░░░░░░░░░░░░░░░|─ use ─|
 *   B                     |─ acquire ─|░░░░░░░░░░░░░░░|─ use ─|
 *                                     └── both ────┘
 * ```
 *
 * n log n.
 */
export function heldAtOnce(holds: readonly Hold[], budget: Budget): AtOnce[] {
  const used = holds
    .filter(({ uses }) => uses.length > 0)
    .toSorted((a, b) => a.acquire.return - b.acquire.return);
  budget.pass(0);
  const found: AtOnce[] = [];
  let longest: Hold | undefined;
  for (const [i, hold] of used.entries()) {
    budget.pass(i);
    if (longest && lastCall(longest) > hold.acquire.return && lastCall(hold) > hold.acquire.return) {
      const firstUse = longest.uses.find(({ call }) => call > hold.acquire.return) as Operation;
      found.push({ first: longest, second: hold, firstUse, secondUse: hold.uses[0] as Operation });
    }
    if (!longest || lastCall(hold) > lastCall(longest)) longest = hold;
  }
  return found;
}

function lastCall({ uses }: Hold): number {
  return (uses.at(-1) as Operation).call;
}

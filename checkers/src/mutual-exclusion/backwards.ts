import type { Operation } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';

/** An operation that carries a token. */
export interface Carries {
  readonly operation: Operation;
  readonly token: number;
}

/**
 * Tokens grow in real time: whatever is called after another has returned has the larger token, or, where `equal` will do,
 * one that is not smaller. For each operation that breaks this, the one that had returned before it with the largest. n log n.
 */
export function backwards<C extends Carries>(
  all: readonly C[],
  equal: boolean,
  budget: Budget,
): { readonly before: C; readonly after: C }[] {
  const byReturn = all.toSorted((a, b) => a.operation.return - b.operation.return);
  budget.pass(0);
  const byCall = all.toSorted((a, b) => a.operation.call - b.operation.call);
  const found: { before: C; after: C }[] = [];
  let largest: C | undefined;
  let returned = 0;
  for (const [i, after] of byCall.entries()) {
    budget.pass(i);
    for (; ; returned++) {
      const next = byReturn[returned];
      if (!next || next.operation.return > after.operation.call) break;
      if (!largest || next.token > largest.token) largest = next;
    }
    if (largest && (equal ? after.token < largest.token : after.token <= largest.token))
      found.push({ before: largest, after });
  }
  return found;
}

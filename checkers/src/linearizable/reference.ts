import type { Operation, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';

/**
 * Decides by trying every order, with a memory of what was tried: Wing and Gong's search with Lowe's memo, in
 * the plainest form. All other algorithms are held against this one, and no counterexample leaves the package
 * before this has agreed with it. `undefined` when it would take more than `limit` steps.
 *
 * It returns an order in which the operations may have taken effect, or `false`.
 */
export function linearize<Ops extends Operations, State>(
  model: Model<Ops, State>,
  operations: readonly Operation<Ops>[],
  limit: number = 1_000_000,
): readonly Operation<Ops>[] | false | undefined {
  const ops = operations.filter((op) => op.outcome !== 'fail');
  const states: State[] = [];
  const intern = (state: State): number => {
    const known = states.findIndex((other) =>
      model.equals ? model.equals(other, state) : Object.is(other, state),
    );
    return known < 0 ? states.push(state) - 1 : known;
  };
  const tried = new Set<string>();
  const stack: { done: bigint; state: number; order: readonly Operation<Ops>[] }[] = [
    { done: 0n, state: intern(model.initial), order: [] },
  ];
  for (let steps = 0; ; steps++) {
    const here = stack.pop();
    if (!here) return false;
    if (steps > limit) return undefined;
    const waiting = ops.filter((_, i) => !((here.done >> BigInt(i)) & 1n));
    if (waiting.every((op) => op.outcome === 'info')) return here.order;
    const deadline = Math.min(...waiting.map((op) => op.return));
    for (const [i, op] of ops.entries()) {
      if ((here.done >> BigInt(i)) & 1n || op.call > deadline) continue;
      const after = model.step(states[here.state] as State, op);
      if (after === ILLEGAL) continue;
      const next = { done: here.done | (1n << BigInt(i)), state: intern(after), order: [...here.order, op] };
      const name = `${next.done} ${next.state}`;
      if (tried.has(name)) continue;
      tried.add(name);
      stack.push(next);
    }
  }
}

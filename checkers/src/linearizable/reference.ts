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
  const byHash = new Map<unknown, number[]>();
  const intern = (state: State): number => {
    const hash = model.hash ? model.hash(state) : model.equals ? undefined : state;
    const alike = byHash.get(hash) ?? [];
    byHash.set(hash, alike);
    const known = alike.find((i) =>
      model.equals ? model.equals(states[i] as State, state) : Object.is(states[i], state),
    );
    if (known !== undefined) return known;
    alike.push(states.length);
    return states.push(state) - 1;
  };
  /** Where operation i leads from a state; −1 for nowhere. Each step is asked of the model once. */
  const steps = new Map<number, number>();
  const step = (state: number, i: number): number => {
    const name = state * ops.length + i;
    let to = steps.get(name);
    if (to !== undefined) return to;
    const after = model.step(states[state] as State, ops[i] as Operation<Ops>);
    steps.set(name, (to = after === ILLEGAL ? -1 : intern(after)));
    return to;
  };
  const tried = new Set<string>();
  const stack: { done: bigint; state: number; order: readonly Operation<Ops>[] }[] = [
    { done: 0n, state: intern(model.initial), order: [] },
  ];
  for (let tries = 0; ; tries++) {
    const here = stack.pop();
    if (!here) return false;
    if (tries > limit) return undefined;
    const waiting = ops.filter((_, i) => !((here.done >> BigInt(i)) & 1n));
    if (waiting.every((op) => op.outcome === 'info')) return here.order;
    const deadline = Math.min(...waiting.map((op) => op.return));
    for (const [i, op] of ops.entries()) {
      if ((here.done >> BigInt(i)) & 1n || op.call > deadline) continue;
      const state = step(here.state, i);
      if (state < 0) continue;
      const done = here.done | (1n << BigInt(i));
      const name = `${done} ${state}`;
      if (tried.has(name)) continue;
      tried.add(name);
      stack.push({ done, state, order: [...here.order, op] });
    }
  }
}

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
  const ops = operations.filter((op) => op.outcome !== 'fail').toSorted((a, b) => a.call - b.call);
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
  const tried = new Set<string | number>();
  const stack: Configuration[] = [{ done: words(ops.length), state: intern(model.initial) }];
  for (let tries = 0; ; tries++) {
    const here = stack.pop();
    if (!here) return false;
    if (tries > limit) return undefined;
    let waiting = false;
    let deadline = Infinity;
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Operation<Ops>;
      // In order of call: what comes from here on was called after something had to be over.
      if (op.call > deadline) break;
      if (isDone(here, i)) continue;
      if (op.outcome !== 'info') waiting = true;
      if (op.return < deadline) deadline = op.return;
    }
    if (!waiting) return orderOf(here, ops);
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Operation<Ops>;
      if (op.call > deadline) break;
      if (isDone(here, i)) continue;
      const state = step(here.state, i);
      // What may not have happened and would have changed nothing might as well not have.
      if (state < 0 || (op.outcome === 'info' && state === here.state)) continue;
      const done = here.done.slice();
      done[i >> 5]! |= 1 << (i & 31);
      const name = nameOf(done, state);
      if (tried.has(name)) continue;
      tried.add(name);
      stack.push({ done, state, last: i, before: here });
    }
  }
}

/** Which operations have taken effect, a bit for each, what state that led to, and which was the last. */
interface Configuration {
  readonly done: number[];
  readonly state: number;
  readonly last?: number;
  readonly before?: Configuration;
}

/** A number where one has room for both. */
function nameOf(done: readonly number[], state: number): string | number {
  return done.length === 1 && state < 2 ** 20
    ? state * 2 ** 32 + ((done[0] as number) >>> 0)
    : `${done.join()} ${state}`;
}

function words(bits: number): number[] {
  return Array.from({ length: (bits + 31) >> 5 }, () => 0);
}

function isDone({ done }: Configuration, i: number): boolean {
  return ((done[i >> 5] as number) & (1 << (i & 31))) !== 0;
}

function orderOf<Op>(end: Configuration, ops: readonly Op[]): Op[] {
  const order: Op[] = [];
  for (let at: Configuration | undefined = end; at?.last !== undefined; at = at.before)
    order.push(ops[at.last] as Op);
  return order.toReversed();
}

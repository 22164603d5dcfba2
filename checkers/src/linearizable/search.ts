import type { History, Operations } from '../history.ts';
import type { Model } from '../model.ts';
import type { Budget } from './budget.ts';
import { Configurations } from './configurations.ts';
import { WordStack } from './stack.ts';
import { NOWHERE, States } from './states.ts';
import { timeline, type Timeline } from './timeline.ts';

/** What a search found out about one object. Rows are those of its history. */
export type Found =
  | { readonly valid: true; order(): readonly number[]; readonly explored: number }
  /** Nothing gets past the return of `stuck`: what was called before it is illegal already. */
  | { readonly valid: false; readonly stuck: number; readonly explored: number }
  | {
      readonly valid: 'unknown';
      readonly because: string;
      readonly reached: number;
      readonly explored: number;
    };

/**
 * # The search that works for every model
 *
 * Wing and Gong, with Lowe's just-in-time order: an operation takes effect only when some operation has to, because
 * it returns. A configuration is where in the timeline we are, the state, and which of the pending operations have
 * taken effect; none is looked at twice. Two things keep it small:
 *
 * - a read-only operation takes effect as soon as it fits the state, without branching: whatever comes later, it can
 *   have happened here. (One that just happens to change nothing must not: later it might.)
 * - operations of unknown outcome are optional (see {@link Timeline}), and using fewer is never worse.
 *
 * The history is that of one object. The worst case is exponential in the concurrency, and cannot be otherwise: the problem is NP-complete.
 */
export function search<Ops extends Operations, State>(
  history: History<Ops>,
  model: Model<Ops, State>,
  budget: Budget,
): Found {
  const kinds = new Kinds(history, model.anonymous ?? false);
  const line = timeline(
    history,
    () => true,
    (row) => kinds.of(row),
    budget,
  );
  const states = new States(model);
  const step = (state: number, row: number): number =>
    states.step(state, history.operation(row), kinds.of(row));
  const { rows, events, slot, pending, pendingFrom, classes } = line;
  const looks = new Uint8Array(rows.length);
  for (let j = 0; j < rows.length; j++) {
    budget.pass(j);
    if (model.readOnly?.(history.operation(rows[j] as number))) looks[j] = 1;
  }
  const masks = (line.slots + 31) >>> 5;
  // A configuration: event, state, one bit a slot, how many of each class are used; then how we got here.
  const exact = 2 + masks;
  const width = exact + classes.length;
  const DEPTH = width;
  const MOVE = width + 1;
  const stack = new WordStack(width + 2);
  const seen = new Configurations(width, exact);
  const here = new Int32Array(width + 2);
  const next = new Int32Array(width + 2);
  const trail: number[] = [];
  let furthest = 0;

  const isDone = (words: Int32Array, s: number): boolean =>
    ((words[2 + (s >> 5)] as number) & (1 << (s & 31))) !== 0;
  const done = (words: Int32Array, s: number): void => void (words[2 + (s >> 5)]! |= 1 << (s & 31));
  const open = (words: Int32Array, s: number): void => void (words[2 + (s >> 5)]! &= ~(1 << (s & 31)));
  const fits = (state: number, j: number): boolean =>
    looks[j] === 1 && step(state, rows[j] as number) !== NOWHERE;
  /** Lets every pending operation take effect that only looks, and fits. */
  const settle = (words: Int32Array, t: number): void => {
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      if (!isDone(words, slot[j] as number) && fits(words[1] as number, j)) done(words, slot[j] as number);
    }
  };
  const move = (t: number, to: number, what: number): void => {
    next[1] = to;
    next[DEPTH] = (here[DEPTH] as number) + 1;
    next[MOVE] = what;
    settle(next, t);
    stack.push(next);
  };

  stack.push(here);
  while (stack.pop(here)) {
    if (budget.spent(seen.bytes + stack.bytes + states.bytes))
      return {
        valid: 'unknown',
        because: budget.because as string,
        reached: furthest >> 1,
        explored: seen.count,
      };
    trail.length = here[DEPTH] as number;
    if (trail.length > 0) trail[trail.length - 1] = here[MOVE] as number;

    let t = here[0] as number;
    let forced = -1;
    for (; t < events.length; t++) {
      const j = (events[t] as number) >> 1;
      const s = slot[j] as number;
      if (!((events[t] as number) & 1)) {
        open(here, s);
        if (fits(here[1] as number, j)) done(here, s);
      } else if (isDone(here, s)) open(here, s);
      else {
        forced = j;
        break;
      }
    }
    if (t > furthest) furthest = t;
    if (forced < 0)
      return { valid: true, order: () => replay(line, step, fits, trail), explored: seen.count };
    here[0] = t;
    if (!seen.add(here)) continue;

    // What is pushed last is tried first: the operation that has to, then the others in order of call, then the optional ones.
    const state = here[1] as number;
    for (let c = 0; c < classes.length; c++) {
      const { rows: members, from } = classes[c] as Timeline['classes'][number];
      const used = here[exact + c] as number;
      if (used === members.length || (from[used] as number) > t) continue;
      const to = step(state, members[used] as number);
      if (to === NOWHERE || to === state) continue;
      next.set(here);
      next[exact + c]!++;
      move(t, to, -1 - c);
    }
    for (let p = (pendingFrom[t + 1] as number) - 1; p >= (pendingFrom[t] as number); p--) {
      const j = pending[p] as number;
      if (j === forced || isDone(here, slot[j] as number)) continue;
      take(j);
    }
    take(forced);
    function take(j: number): void {
      const to = step(state, rows[j] as number);
      if (to === NOWHERE) return;
      next.set(here);
      done(next, slot[j] as number);
      move(t, to, j);
    }
  }
  return { valid: false, stuck: rows[(events[furthest] as number) >> 1] as number, explored: seen.count };
}

/** The order in which operations took effect, from the moves that were chosen: the rest happens by itself. */
function replay(
  line: Timeline,
  step: (state: number, row: number) => number,
  fits: (state: number, j: number) => boolean,
  moves: readonly number[],
): number[] {
  const { rows, events, pending, pendingFrom, classes } = line;
  const order: number[] = [];
  const placed = new Uint8Array(rows.length);
  const used = new Int32Array(classes.length);
  let state = 0;
  let m = 0;
  const place = (j: number): void => {
    placed[j] = 1;
    order.push(rows[j] as number);
  };
  for (let t = 0; t < events.length; t++) {
    const j = (events[t] as number) >> 1;
    if (!((events[t] as number) & 1)) {
      if (fits(state, j)) place(j);
      continue;
    }
    while (!placed[j]) {
      const chosen = moves[m++] as number;
      if (chosen >= 0) {
        state = step(state, rows[chosen] as number);
        place(chosen);
      } else {
        const row = classes[-1 - chosen]?.rows[used[-1 - chosen]!++] as number;
        state = step(state, row);
        order.push(row);
      }
      for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
        const other = pending[p] as number;
        if (!placed[other] && fits(state, other)) place(other);
      }
    }
  }
  return order;
}

/** Numbers operations so that those with one number do the same in every state. */
class Kinds<Ops extends Operations> {
  readonly #of: Int32Array;
  readonly #numbers = new Map<string, number>();
  readonly #history: History<Ops>;
  readonly #anonymous: boolean;

  constructor(history: History<Ops>, anonymous: boolean) {
    this.#history = history;
    this.#anonymous = anonymous;
    this.#of = new Int32Array(history.length).fill(-1);
  }

  of(row: number): number {
    const known = this.#of[row] as number;
    if (known >= 0) return known;
    const { f, input, output, outcome, process } = this.#history;
    const name = `${f[row]} ${input[row]} ${output[row]} ${outcome[row]} ${this.#anonymous ? '' : process[row]}`;
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
    }
    this.#of[row] = number;
    return number;
  }
}

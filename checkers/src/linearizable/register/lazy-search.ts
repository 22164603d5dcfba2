import type { Budget } from '../budget.ts';
import type { Found } from '../search.ts';
import { gather } from '../../table/table.ts';
import { grown } from '../configurations.ts';
import { WordStack } from '../stack.ts';
import { timeline, type Timeline } from '../timeline.ts';
import { LazyConfigurations, type PendingMasks } from './lazy-configurations.ts';
import { DISCHARGED, replay, type Optional } from './lazy-replay.ts';
import { READ, REFUSED, SWAP, UNSURE, WRITE, type RegisterSteps } from './steps.ts';

/**
 * # The search for registers whose values repeat
 *
 * The general search (see {@link search}) tries every pending operation at every point. A register needs far fewer:
 *
 * 1. What does not change the value, a read or a refused compare-and-set, takes effect as soon as it fits. It never
 *    branches.
 * 2. A write that nobody needs can vanish: put directly before another write it is never seen.
 *    ```
 *    |────── write 1 ──────|          …  write 1, write 2  …
 *         |─ write 2 ─|
 *    ```
 *    So once any write takes effect, every other pending write becomes *killable*: when it has to take effect it may
 *    be laid before that one, after the fact. Nothing branches over writes that are dead anyway.
 * 3. A pending write takes effect early only if somebody wants its value: a pending read or compare-and-set.
 * 4. Operations of unknown outcome are optional, grouped by what they do, and used only when wanted.
 * 5. A configuration is dropped when one at the same place can do all that it can, and failed: see
 *    {@link LazyConfigurations}. Which classes ran short below a configuration is known when all that follows from it has
 *    been tried; a record that says so lies below them on the stack.
 * 6. What provides the value that the returning operation needs is tried first.
 *
 * A configuration is, as 32-bit words: the event, the value, for each slot whether its operation has taken effect, for
 * each slot whether its write is killable, for each class of optional operations how many are used. Two more words say
 * how we got here: the number of moves so far, and the last one.
 */
export function lazySearch(
  steps: RegisterSteps,
  budget: Budget,
  /** How many configurations the first attempts may look at without getting further. */
  patience: number = 20_000,
): Found {
  const prepared = prepare(steps, budget);
  if (prepared.optional.length === 0) return attempt(prepared, budget, 1, Infinity) as Found;
  let explored = 0;
  let reached = 0;
  for (let more = patience; ; more *= 4)
    for (const share of SHARES) {
      const found = attempt(prepared, budget, share, more);
      explored += found.explored;
      if (found.valid === 'unknown') reached = Math.max(reached, found.reached);
      if (found.valid !== 'given up')
        return { ...found, explored, ...(found.valid === 'unknown' && { reached }) };
      reached = Math.max(reached, found.reached);
    }
}

/**
 * Depth-first search uses operations of unknown outcome wherever one helps, and finds out much too late that one was
 * needed elsewhere. So it is begun again when it does not get on, and may then use only this share of those that have
 * been called so far. A share finds an order or gives up; only all of them can show that there is none.
 */
const SHARES: readonly number[] = [1, 0.6, 0.4, 0.8];

type Attempt = Found | { readonly valid: 'given up'; readonly reached: number; readonly explored: number };

function attempt(
  { steps, line, kind, value, from, optional, called }: Prepared,
  budget: Budget,
  share: number,
  patience: number,
): Attempt {
  const { rows, events, slot, pending, pendingFrom } = line;
  const masks = (line.slots + 31) >>> 5;
  const DONE = 2;
  const KILL = DONE + masks;
  const USED = KILL + masks;
  const width = USED + optional.length;
  const DEPTH = width;
  const MOVE = width + 1;
  const stack = new WordStack(width + 2);
  const seen = new LazyConfigurations(masks, optional.length);
  const mask: PendingMasks = {
    reads: new Int32Array(masks),
    writes: new Int32Array(masks),
    swaps: new Int32Array(masks),
  };
  const expected = nextExpected(line, kind, value, from, budget);
  const short = new ShortClasses(optional.length);
  const here = new Int32Array(width + 2);
  const next = new Int32Array(width + 2);
  const trail: number[] = [];
  let furthest = 0;
  let atFurthest = 0;
  let stinted = false;

  here[1] = steps.initial;
  stack.push(here);
  while (stack.pop(here)) {
    if (seen.count - atFurthest > patience)
      return { valid: 'given up', reached: furthest >> 1, explored: seen.count };
    if (budget.spent(seen.bytes + stack.bytes))
      return {
        valid: 'unknown',
        because: budget.because as string,
        reached: furthest >> 1,
        explored: seen.count,
      };
    if (here[MOVE] === DONE_WITH) {
      short.leave(here[0] as number, seen);
      continue;
    }
    trail.length = here[DEPTH] as number;
    if (trail.length > 0) trail[trail.length - 1] = here[MOVE] as number;
    const t = advance();
    if (t > furthest) {
      furthest = t;
      atFurthest = seen.count;
    }
    if (t === events.length)
      return { valid: true, order: () => replay(steps, line, optional, trail), explored: seen.count };
    here[0] = t;
    findMasks(t);
    const entry = seen.add(here, mask);
    if (entry < 0) {
      short.add(-1 - entry, seen);
      continue;
    }
    short.enter();
    next.fill(0);
    next[0] = entry;
    next[MOVE] = DONE_WITH;
    stack.push(next);
    branch(t, (events[t] as number) >> 1);
  }
  if (stinted) return { valid: 'given up', reached: furthest >> 1, explored: seen.count };
  return { valid: false, stuck: rows[(events[furthest] as number) >> 1] as number, explored: seen.count };

  /** Moves on to the next return of an operation that has not taken effect. */
  function advance(): number {
    let t = here[0] as number;
    for (; t < events.length; t++) {
      const event = events[t] as number;
      const j = event >> 1;
      const s = slot[j] as number;
      const word = DONE + (s >> 5);
      const bit = 1 << (s & 31);
      if (event & 1 && !((here[word] as number) & bit)) return t;
      here[word]! &= ~bit;
      here[word + masks]! &= ~bit;
      if (!(event & 1) && fits(j, here[1] as number)) here[word]! |= bit;
    }
    return t;
  }

  /** Whether an operation that changes nothing can take effect now. */
  function fits(j: number, now: number): boolean {
    return kind[j] === READ ? value[j] === now : kind[j] === REFUSED && from[j] !== now;
  }

  function findMasks(t: number): void {
    mask.reads.fill(0);
    mask.writes.fill(0);
    mask.swaps.fill(0);
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      const s = slot[j] as number;
      const of = kind[j] === WRITE ? mask.writes : kind[j] === SWAP ? mask.swaps : mask.reads;
      of[s >> 5]! |= 1 << (s & 31);
    }
  }

  function isDone(j: number): boolean {
    const s = slot[j] as number;
    return ((here[DONE + (s >> 5)] as number) & (1 << (s & 31))) !== 0;
  }

  /** Whether a pending or an optional operation is waiting for the register to become `v`. */
  function wanted(v: number, t: number, except: number): boolean {
    const now = here[1] as number;
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      if (j === except || isDone(j)) continue;
      if (
        kind[j] === READ
          ? value[j] === v
          : kind[j] === SWAP
            ? from[j] === v
            : kind[j] === REFUSED && from[j] === now && v !== now
      )
        return true;
    }
    return optional.some((one, c) => one.kind === UNSURE && one.from === v && isAvailable(c, t));
  }

  /** Whether one more of a class can be used; if not, that it ran short is noted. */

  function isAvailable(c: number, t: number): boolean {
    const since = optional[c]?.since as readonly number[];
    const used = here[USED + c] as number;
    if (used < since.length && (since[used] as number) <= t) return true;
    short.note(c);
    return false;
  }

  /** Pushes what could happen next, the least promising first. */
  function branch(t: number, forced: number): void {
    const now = here[1] as number;
    const has = kind[forced] === READ || kind[forced] === SWAP;
    const needs = !has ? NO_VALUE : ((kind[forced] === READ ? value[forced] : from[forced]) as number);
    pushOptional(t, needs, false);
    pushPending(t, forced, needs, false);
    pushOptional(t, needs, true);
    pushPending(t, forced, needs, true);
    if (kind[forced] === SWAP && from[forced] === now) take(forced, t);
    if (kind[forced] !== WRITE) return;
    const s = slot[forced] as number;
    const killable = ((here[KILL + (s >> 5)] as number) & (1 << (s & 31))) !== 0;
    const soon = expected[t];
    if (killable && soon === value[forced]) discharge(forced);
    take(forced, t);
    if (killable && soon !== value[forced]) discharge(forced);
  }

  /** Pushes what writes what is needed, or what writes anything else that somebody wants. */
  function pushPending(t: number, forced: number, needs: number, helps: boolean): void {
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      const v = value[j] as number;
      if (j === forced || isDone(j) || (v === needs) !== helps) continue;
      if (kind[j] === WRITE ? helps || wanted(v, t, j) : kind[j] === SWAP && from[j] === here[1]) take(j, t);
    }
  }

  function pushOptional(t: number, needs: number, helps: boolean): void {
    if (optional.length === 0) return;
    const now = here[1] as number;
    const saves = share < 1 && usedSoFar() >= share * (called[t] as number) + 2;
    for (let c = 0; c < optional.length; c++) {
      const one = optional[c] as Optional;
      if ((one.value === needs) !== helps || (one.kind === UNSURE && one.from !== now)) continue;
      // What changes nothing is of use only as a write that others may be laid before.
      if (one.value === now && (one.kind === UNSURE || !kills(t))) continue;
      if (!wanted(one.value, t, -1) || !isAvailable(c, t)) continue;
      if (saves) {
        stinted = true;
        short.noteAll();
        continue;
      }
      next.set(here);
      next[USED + c]!++;
      push(t, one.value, one.kind === WRITE, -1, -1 - c);
    }
  }

  /** Whether some pending write could not be laid before an earlier one, but could be laid before one now. */
  function kills(t: number): boolean {
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      const s = slot[j] as number;
      if (kind[j] === WRITE && !isDone(j) && !((here[KILL + (s >> 5)] as number) & (1 << (s & 31))))
        return true;
    }
    return false;
  }

  function usedSoFar(): number {
    let sum = 0;
    for (let c = 0; c < optional.length; c++) sum += here[USED + c] as number;
    return sum;
  }

  /** A pending write or swap takes effect. */
  function take(j: number, t: number): void {
    next.set(here);
    const s = slot[j] as number;
    next[DONE + (s >> 5)]! |= 1 << (s & 31);
    push(t, value[j] as number, kind[j] === WRITE, j, j);
  }

  /** The write that has to take effect is laid directly before one that already did. */
  function discharge(j: number): void {
    next.set(here);
    const s = slot[j] as number;
    next[DONE + (s >> 5)]! |= 1 << (s & 31);
    next[DEPTH]!++;
    next[MOVE] = DISCHARGED;
    stack.push(next);
  }

  function push(t: number, to: number, isWrite: boolean, except: number, move: number): void {
    next[1] = to;
    next[DEPTH]!++;
    next[MOVE] = move;
    for (let p = pendingFrom[t] as number; p < (pendingFrom[t + 1] as number); p++) {
      const j = pending[p] as number;
      const s = slot[j] as number;
      const bit = 1 << (s & 31);
      if (fits(j, to)) next[DONE + (s >> 5)]! |= bit;
      else if (isWrite && kind[j] === WRITE && j !== except) next[KILL + (s >> 5)]! |= bit;
    }
    stack.push(next);
  }
}

/** No value has this code. */
const NO_VALUE = -(2 ** 31) + 1;

/** Not a move: everything above this record on the stack has been tried. */
const DONE_WITH = 2 ** 31 - 2;

/** For each configuration on the way to the current one, the classes that ran short below it so far. */
class ShortClasses {
  readonly #width: number;
  #bits: Int32Array;
  #depth = 0;

  constructor(classes: number) {
    this.#width = (classes + 31) >>> 5;
    this.#bits = new Int32Array(Math.max(1, this.#width) * 64);
  }

  enter(): void {
    const base = ++this.#depth * this.#width;
    if (base + this.#width > this.#bits.length) this.#bits = grown(this.#bits);
    this.#bits.fill(0, base, base + this.#width);
  }

  note(c: number): void {
    this.#bits[this.#depth * this.#width + (c >> 5)]! |= 1 << (c & 31);
  }

  noteAll(): void {
    const base = this.#depth * this.#width;
    this.#bits.fill(-1, base, base + this.#width);
  }

  /** What ran short below a configuration that was dropped for this one, ran short here. */
  add(entry: number, seen: LazyConfigurations): void {
    seen.collect(entry, this.#bits, this.#depth * this.#width);
  }

  leave(entry: number, seen: LazyConfigurations): void {
    const base = this.#depth-- * this.#width;
    seen.failed(entry, this.#bits, base);
    for (let i = 0; i < this.#width; i++)
      this.#bits[base - this.#width + i]! |= this.#bits[base + i] as number;
  }
}

/** A register's operations as the search needs them. */
interface Prepared {
  readonly steps: RegisterSteps;
  readonly line: Timeline;
  readonly kind: Uint8Array;
  readonly value: Int32Array;
  readonly from: Int32Array;
  readonly optional: readonly Optional[];
  /** For each event how many optional operations were called before. */
  readonly called: Int32Array;
}

function prepare(steps: RegisterSteps, budget: Budget): Prepared {
  // A write that may have happened and that nobody can have seen is left out, unless a refusal may be due to it.
  const seen = new Set<number>();
  const crashes = steps.history.outcome.some((outcome) => outcome === 2);
  for (let row = 0; crashes && row < steps.length; row++) {
    budget.pass(row);
    if (steps.kind[row] === READ) seen.add(steps.value[row] as number);
    else if ((steps.kind[row] as number) > WRITE) seen.add(steps.from[row] as number);
  }
  const line = timeline(
    steps.history,
    (row) => (steps.kind[row] as number) !== 0,
    (row) => {
      const v = steps.value[row] as number;
      if (steps.refused === 0 && !seen.has(v)) return undefined;
      return steps.kind[row] === WRITE ? `write ${v}` : `cas ${steps.from[row]} ${v}`;
    },
    budget,
  );
  const optional = line.classes.map(({ rows, from: since }) => {
    const first = rows[0] as number;
    return {
      kind: steps.kind[first] as number,
      value: steps.value[first] as number,
      from: steps.from[first] as number,
      rows,
      since,
    };
  });
  const called = new Int32Array(line.events.length + 1);
  for (const { since } of optional) for (const t of since) called[t]!++;
  for (let t = 1; t < called.length; t++) called[t]! += called[t - 1] as number;
  return {
    steps,
    line,
    called,
    kind: gather(steps.kind, new Uint8Array(line.rows.length), line.rows),
    value: gather(steps.value, new Int32Array(line.rows.length), line.rows),
    from: gather(steps.from, new Int32Array(line.rows.length), line.rows),
    optional,
  };
}

/** For each event the value that the next operation called from there on finds, or {@link NO_VALUE}: a guess at what is best left there. */
function nextExpected(
  { events }: Timeline,
  kind: Uint8Array,
  value: Int32Array,
  from: Int32Array,
  budget: Budget,
): Int32Array {
  const expected = new Int32Array(events.length);
  let soon = NO_VALUE;
  for (let t = events.length - 1; t >= 0; t--) {
    budget.pass(t);
    const event = events[t] as number;
    if (!(event & 1)) {
      const j = event >> 1;
      if (kind[j] === READ) soon = value[j] as number;
      else if (kind[j] === SWAP) soon = from[j] as number;
    }
    expected[t] = soon;
  }
  return expected;
}

import { NEVER } from '../../table/builder.ts';
import type { Budget } from '../budget.ts';
import type { Judged } from '../judged.ts';
import { coverage, emptyMoments, emptyReason, stays } from './coverage.ts';
import { NONE, type Elements } from './elements.ts';
import { Gaps } from './gaps.ts';
import { rescue, type Attempt, type Deadlines, type Group } from './rescue.ts';
import { FirstEnds, Greatest, Layers, LEAST } from './trees.ts';

/**
 * # Last in, first out
 *
 * Three rules take elements away until none is left, or none of the rules applies and the history is illegal:
 *
 * 1. An element that is never certainly inside is in nobody's way: it goes in and at once out again.
 * 2. Where there is a gap between two events in which no element is certainly inside, all others are over before it or
 *    have not begun: what is on its left and what is on its right are judged apart.
 * 3. Where there is no such gap, one element lies at the bottom all the while: it went in before all others and comes out
 *    after them. Any will do that can: whose push begins before any other push has ended, and whose pop ends after every other
 *    pop has begun.
 *
 * ```
 *     push 1 |──────|                                       |──────| pop 1       1 may lie below all
 *     push 2      |──────|                       |──────| pop 2                  2 may not: 1 comes out later
 *              push 3  |───────|            |──────| pop 3                       nor may 3
 * ```
 *
 * (Lee and Mathur, 2025.) Taking elements away keeps a history legal, so only the other direction needs a word: an order of
 * the rest with the element around all of it, or pushed and popped somewhere inside, or two orders one after the other, are
 * orders of the whole. A pop that returned nothing needs a gap of rule 2.
 *
 * n log n: trees over the elements, in order of the end of their pushes, answer which gap comes first, which element may
 * be at the bottom, and where the last pop begins.
 */
export function judgeStack(elements: Elements): Judged {
  return rescue(elements, attempt);
}

function attempt(elements: Elements, open?: Uint8Array): Attempt {
  const gaps = new Gaps(elements.at.last);
  for (let e = 0; e < elements.count; e++) {
    elements.budget.pass(e);
    stays(elements, e, (from, to) => gaps.cover(from, to));
  }
  const { moments, wrong } = emptyMoments(elements, gaps);
  const nest = nested(elements, moments, open);
  return {
    wrong: [...nest.wrong, ...wrong],
    hurried: nest.hurried,
    order: () => withBrief(elements, nest),
    deadlines: () => deadlines(elements, moments),
  };
}

/** Whatever an element certainly lies upon asks for it to be gone, and so does who found nothing while it was inside. */
function deadlines(elements: Elements, moments: Int32Array): Deadlines {
  const { at, count, vain, putFrom, putUntil, takeFrom, takeUntil, budget } = elements;
  const by = new Float64Array(count).fill(Infinity);
  const because = new Int32Array(count);
  const below = new FirstEnds(at.last);
  const byPop = places(takeFrom, at, (e) => takeUntil[e] !== NEVER, budget);
  const byPush = places(putUntil, at, () => true, budget);
  let i = vain.length - 1;
  let firstEnd = Infinity;
  let first = 0;
  for (let p = at.last; p >= 0; p--) {
    elements.budget.pass(p);
    const pops = byPop[p] as number;
    if (pops !== NONE) below.add(putUntil[pops] as number, 2 * (takeUntil[pops] as number), pops);
    for (; i >= 0 && (moments[i] as number) >= p; i--) {
      const end = at.return[vain[i] as number] as number;
      if (end >= firstEnd) continue;
      firstEnd = end;
      first = i;
    }
    const pushed = byPush[p] as number;
    if (pushed === NONE) continue;
    const { end, who } = below.before(putFrom[pushed] as number);
    by[pushed] = Math.min(end, 2 * firstEnd);
    because[pushed] = end < 2 * firstEnd ? who : -1 - first;
  }
  return {
    by,
    reason(element) {
      const who = because[element] as number;
      return who < 0 ? emptyReason(elements, moments, -1 - who) : { elements: [who], rows: [] };
    },
  };
}

/** For each position which element has it, of those that are wanted. */
function places(
  column: Int32Array,
  { last }: Elements['at'],
  wanted: (e: number) => boolean,
  budget?: Budget,
): Int32Array {
  const place = new Int32Array(last + 1).fill(NONE);
  for (let e = 0; e < column.length; e++) {
    budget?.pass(e);
    const position = column[e] as number;
    if (position <= last && wanted(e)) place[position] = e;
  }
  return place;
}

interface Nest {
  /** The rows of all elements that are certainly inside at some time, and of pops that found nothing. */
  readonly word: readonly number[];
  /** For each of those, twice the earliest position that it can have, and one more for the gap behind. */
  readonly times: readonly number[];
  readonly wrong: readonly (() => Group)[];
  readonly hurried: Attempt['hurried'];
}

/** Elements never popped end behind everything; those popped by nobody knows whom, just before. */
const POPPED_LATE = NEVER - 1;

/** Takes away one element after another by the rules 2 and 3. */
function nested(elements: Elements, moments: Int32Array, open?: Uint8Array): Nest {
  const { at, put, take, putFrom, putUntil, vain, budget } = elements;
  const ranked = ranks(elements);
  const { length } = ranked;
  const column = (of: (e: number) => number): Int32Array => {
    const values = new Int32Array(length);
    for (let rank = 0; rank < length; rank++) {
      budget.pass(rank);
      values[rank] = of(ranked[rank] as number);
    }
    return values;
  };
  const popFrom = column((e) => Math.min(elements.takeFrom[e] as number, POPPED_LATE));
  const popUntil = column((e) =>
    take[e] === NONE ? NEVER : Math.min(elements.takeUntil[e] as number, POPPED_LATE),
  );
  const pushFrom = column((e) => putFrom[e] as number);
  const pushUntil = column((e) => putUntil[e] as number);
  const layers = new Layers(layersAt(pushUntil, popFrom, budget));
  budget.pass(0);
  const lastPop = new Greatest(popFrom);
  budget.pass(0);
  const waiting = new Greatest(pushFrom.map((from) => -from));
  budget.pass(0);
  const bottoms = new Greatest(new Int32Array(length).fill(LEAST));
  const alive = new Gaps(length);

  const word: number[] = [];
  const times: number[] = [];
  const wrong: (() => Group)[] = [];
  const hurried: { element: number; by: number }[] = [];
  let time = -1;
  let i = 0;
  let depth = 0;
  const emit = (row: number, at: number): void => {
    time = Math.max(time, at);
    word.push(row);
    times.push(time);
  };
  // What is to be done, last first: a stretch of ranks, or the pop of an element that lies below what was done meanwhile.
  const tasks = length > 0 ? [0, length - 1] : [];
  for (let turn = 0; tasks.length > 0; turn++) {
    budget.pass(turn);
    const high = tasks.pop() as number;
    const low = tasks.pop() as number;
    if (high === POP) {
      emit(
        take[ranked[low] as number] as number,
        2 * (at.call[take[ranked[low] as number] as number] as number),
      );
      depth--;
      continue;
    }
    const first = alive.free(low);
    if (first > high) continue;
    const bare = layers.firstBare(first + 1);
    if (bare <= high) {
      tasks.push(bare, high, first, bare - 1);
      continue;
    }
    const end = pushUntil[first] as number;
    for (; depth === 0 && i < vain.length && (moments[i] as number) < end; i++)
      emit(vain[i] as number, 2 * (moments[i] as number) + 1);
    for (let w = waiting.in(first, high); -waiting.at(w) < end; w = waiting.in(first, high)) {
      waiting.set(w, LEAST);
      bottoms.set(w, popUntil[w] as number);
    }
    const bottom = bottoms.in(first, high);
    const last = lastPop.in(first, high);
    const until = lastPop.at(last);
    if (bottoms.at(bottom) <= until && open?.[ranked[last] as number]) {
      const end = bottoms.at(bottom);
      hurried.push({ element: ranked[last] as number, by: until > end ? 2 * end : 2 * until - 1 });
      remove(last);
      tasks.push(first, high);
      continue;
    }
    if (bottoms.at(bottom) <= until) {
      const stuck: number[] = [];
      for (let r = first; r <= high; r = alive.free(r + 1)) stuck.push(ranked[r] as number);
      wrong.push(() => ({ elements: coverage(elements, stuck, end, until), rows: [] }));
      continue;
    }
    const e = ranked[bottom] as number;
    emit(put[e] as number, 2 * (pushFrom[bottom] as number));
    depth++;
    if (take[e] !== NONE) tasks.push(bottom, POP);
    tasks.push(first, high);
    remove(bottom);
  }
  for (; i < vain.length; i++) emit(vain[i] as number, 2 * (moments[i] as number) + 1);
  return { word, times, wrong, hurried };

  function remove(rank: number): void {
    alive.cover(rank, rank + 1);
    layers.lift(rank + 1, firstAtOrAfter(pushUntil, popFrom[rank] as number));
    layers.bury(rank);
    lastPop.set(rank, LEAST);
    waiting.set(rank, LEAST);
    bottoms.set(rank, LEAST);
  }
}

const POP = -1;

/** The elements that are certainly inside at some time, by the end of their push. */
function ranks(elements: Elements): Int32Array {
  const { at, putUntil, takeFrom, budget } = elements;
  const byPush = places(putUntil, at, (e) => (putUntil[e] as number) < (takeFrom[e] as number), budget);
  return byPush.filter((e) => e !== NONE);
}

/** How many others are certainly inside just before each has certainly been pushed. */
function layersAt(pushUntil: Int32Array, popFrom: Int32Array, budget: Budget): Int32Array {
  const layers = new Int32Array(pushUntil.length + 1);
  for (let rank = 0; rank < pushUntil.length; rank++) {
    budget.pass(rank);
    layers[rank + 1]!++;
    layers[firstAtOrAfter(pushUntil, popFrom[rank] as number)]!--;
  }
  for (let rank = 1; rank < pushUntil.length; rank++) layers[rank]! += layers[rank - 1] as number;
  return layers.subarray(0, pushUntil.length);
}

function firstAtOrAfter(sorted: Int32Array, position: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Everything else goes in and at once out again, as early as that can be. */
function withBrief({ at, put, take, putUntil, takeFrom }: Elements, { word, times }: Nest): number[] {
  const byPop = places(takeFrom, at, (e) => (putUntil[e] as number) > (takeFrom[e] as number));
  const brief = byPop.filter((e) => e !== NONE);
  const order: number[] = [];
  let b = 0;
  for (let i = 0; i <= word.length; i++) {
    const time = i < word.length ? (times[i] as number) : Infinity;
    for (; b < brief.length && 2 * (takeFrom[brief[b] as number] as number) < time; b++)
      order.push(put[brief[b] as number] as number, take[brief[b] as number] as number);
    if (i < word.length) order.push(word[i] as number);
  }
  return order;
}

import { NEVER } from '../../table/builder.ts';
import { illegal, type Judged } from '../judged.ts';
import { countBefore, emptyMoments, stays } from './coverage.ts';
import { NONE, rowsOf, takenBy, type Elements } from './elements.ts';
import { Gaps } from './gaps.ts';
import { broken, serve, type Group } from './rescue.ts';

/**
 * # First in, first out
 *
 * Elements stand in one line: in one order they go in, and in the same they come out. One has to go before another when
 * it went in certainly earlier, or came out certainly earlier; one that never came out goes after all that did. A line exists
 * exactly if no two elements each have to go before the other (Henzinger, Sezgin and Vafeiadis, 2013). Why two are
 * enough: in a longer circle two neighbours of one kind can be joined, since "ends before the other begins" is transitive,
 * so the two kinds alternate; and of two pairs of intervals that each lie apart, `a < b` and `c < d`, one crosswise pair does
 * too, `a < d` or `c < b`, which cuts the circle shorter.
 *
 * Nothing was there at some moment of a dequeue that returned nothing. Such a moment lies in a gap between two events
 * where no element is certainly inside; and in each such gap the history falls apart into what is over and what has not
 * begun, so any one will do.
 *
 * A dequeue of unknown outcome may have taken any element that is left, from its call on. An element has to be taken that way by
 * a *deadline* if something that was put in later came out: by the end of that. Elements with earlier
 * deadlines were put in earlier, so giving the earliest calls to the earliest deadlines is right if anything is.
 *
 * Linear, but for the sorting of what was left.
 */
export function judgeQueue(elements: Elements): Judged {
  const { count, take, putUntil, takeFrom, takeUntil } = elements;
  const after = new EarliestEnds(elements);
  const deadline = new Float64Array(count).fill(Infinity);
  for (let a = 0; a < count; a++) {
    elements.budget.pass(a);
    const b = after.first(putUntil[a] as number);
    if (b < 0) continue;
    if (take[a] === NONE) deadline[a] = 2 * (takeUntil[b] as number);
    else if ((takeUntil[b] as number) < (takeFrom[a] as number))
      return illegal(() => rowsOf(elements, [a, b]));
  }
  const { moments, wrong } = emptyMoments(elements, emptyGaps(elements));
  if (wrong.length > 0)
    return broken(elements, elements.unknown.length === 0 ? wrong : [() => notEmpty(elements, moments)]);
  for (let e = 0; e < count; e++) {
    elements.budget.pass(e);
    const moment = moments[countBefore(moments, putUntil[e] as number)];
    if (moment !== undefined) deadline[e] = Math.min(deadline[e] as number, 2 * moment + 1);
  }
  const { pairs, late } = serve(elements, deadline);
  if (late) {
    const followers = late.map((a) => after.first(putUntil[a] as number)).filter((b) => b >= 0);
    return broken(elements, [() => ({ elements: [...new Set([...late, ...followers])], rows: [] })]);
  }
  const served = takenBy(elements, pairs);
  return { valid: true, order: () => line(served, moments) };
}

/** For each position, which of the elements that were put in from there on came out first. */
class EarliestEnds {
  readonly #first: Int32Array;

  constructor({ at, count, putFrom, takeUntil, budget }: Elements) {
    const first = new Int32Array(at.last + 2).fill(NONE);
    for (let e = 0; e < count; e++) {
      budget.pass(e);
      if (takeUntil[e] !== NEVER) first[putFrom[e] as number] = e;
    }
    let best = NONE;
    for (let p = at.last + 1; p >= 0; p--) {
      budget.pass(p);
      const e = first[p] as number;
      if (e !== NONE && (best === NONE || (takeUntil[e] as number) < (takeUntil[best] as number))) best = e;
      first[p] = best;
    }
    this.#first = first;
  }

  /** {@link NONE} if nothing was put in after this position and came out. */
  first(after: number): number {
    return this.#first[after + 1] as number;
  }
}

/** Where the queue can have been empty: no element certainly inside, and enough dequeues to have taken what was left. */
function emptyGaps(elements: Elements): Gaps {
  const { at, unknown, count, take, putUntil, budget } = elements;
  const gaps = new Gaps(at.last);
  const surplus = new Int32Array(at.last + 1);
  const cover = (from: number, to: number): void => gaps.cover(from, to);
  for (let e = 0; e < count; e++) {
    budget.pass(e);
    if (take[e] === NONE) surplus[putUntil[e] as number]!++;
    else stays(elements, e, cover);
  }
  for (const row of unknown) surplus[at.call[row] as number]!--;
  for (let p = 0, left = 0; p <= at.last; p++) {
    budget.pass(p);
    left += surplus[p] as number;
    if (left > 0) gaps.cover(p, p + 1);
  }
  return gaps;
}

/** A dequeue that found nothing, and all that may have been inside meanwhile. */
function notEmpty(elements: Elements, moments: Int32Array): Group {
  const { at, take, vain, putUntil, takeFrom } = elements;
  const row = vain[moments.indexOf(NONE)] as number;
  const from = at.call[row] as number;
  const to = at.return[row] as number;
  const near = Array.from(putUntil.keys()).filter(
    (e) => (putUntil[e] as number) < to && (take[e] === NONE || (takeFrom[e] as number) > from),
  );
  return { rows: [row], elements: near };
}

/**
 * The operations in an order that works: the line, an element at a time, each as soon as all that has to go before has
 * gone; and from the line the order of operations, each as early as those before it in line and its own call allow.
 */
function line(elements: Elements, moments: Int32Array): number[] {
  const { put, take, putFrom, takeFrom, vain } = elements;
  const order: number[] = [];
  let putTime = -1;
  let takeTime = -1;
  let next = 0;
  const members = inLine(elements, moments);
  for (let stretch = 0, i = 0; stretch <= moments.length; stretch++) {
    const until = stretch < moments.length ? (moments[stretch] as number) : Infinity;
    let taken = i;
    const begin = i;
    while (i < members.length && (takeFrom[members[i] as number] as number) <= until) i++;
    let inside = begin;
    while (inside < i || (taken < i && take[members[taken] as number] !== NONE)) {
      const p = inside < i ? Math.max(putTime, putFrom[members[inside] as number] as number) : Infinity;
      const t =
        taken < inside && take[members[taken] as number] !== NONE
          ? Math.max(takeTime, takeFrom[members[taken] as number] as number)
          : Infinity;
      if (p <= t) {
        order.push(put[members[inside++] as number] as number);
        putTime = p;
      } else {
        order.push(take[members[taken++] as number] as number);
        takeTime = t;
      }
    }
    if (stretch < moments.length) {
      order.push(vain[next++] as number);
      putTime = Math.max(putTime, until);
      takeTime = Math.max(takeTime, until);
    }
  }
  return order;
}

/**
 * The elements in line. Every element waits for those that have to go before it; who waits for nobody goes next, those
 * that are gone by the next empty moment first. What never came out is last.
 */
function inLine(elements: Elements, moments: Int32Array): Int32Array {
  const { at, count, take, putFrom, putUntil, takeFrom, takeUntil } = elements;
  const members = new Int32Array(count);
  let length = 0;
  const stretchOf = (e: number): number => countBefore(moments, takeFrom[e] as number);
  const ready: number[][] = Array.from({ length: moments.length + 1 }, () => []);
  const lacking = new Int32Array(moments.length + 1);
  const waits = new Uint8Array(count).fill(2);
  const release = (e: number): void => {
    if (--waits[e]! === 0) (ready[stretchOf(e)] as number[]).push(e);
  };
  const puts = new Passage(at.last, putFrom, putUntil, take, release);
  const takes = new Passage(at.last, takeFrom, takeUntil, take, release);
  for (let e = 0; e < count; e++) if (take[e] !== NONE) lacking[stretchOf(e)]!++;
  for (const [stretch, waiting] of ready.entries())
    while (lacking[stretch]!-- > 0) {
      const e = waiting.pop();
      if (e === undefined) throw new Error('a queue whose elements are in no circle has no line');
      members[length++] = e;
      puts.pass(e);
      takes.pass(e);
    }
  for (let e = 0; e < count; e++) if (take[e] === NONE) members[length++] = e;
  return members;
}

/** Lets elements in by one of their intervals: each as soon as all have gone whose interval ends before its own begins. */
class Passage {
  readonly #from: Int32Array;
  readonly #until: Int32Array;
  readonly #gone: Uint8Array;
  readonly #release: (element: number) => void;
  #position = 0;

  constructor(
    last: number,
    from: Int32Array,
    until: Int32Array,
    take: Int32Array,
    release: (element: number) => void,
  ) {
    this.#from = new Int32Array(last + 1).fill(NONE);
    this.#until = new Int32Array(last + 1).fill(NONE);
    this.#gone = new Uint8Array(from.length);
    this.#release = release;
    for (let e = 0; e < from.length; e++) {
      if (take[e] === NONE) continue;
      this.#from[from[e] as number] = e;
      if (until[e] !== NEVER) this.#until[until[e] as number] = e;
    }
    this.#advance();
  }

  pass(element: number): void {
    this.#gone[element] = 1;
    this.#advance();
  }

  #advance(): void {
    for (; this.#position < this.#from.length; this.#position++) {
      const ends = this.#until[this.#position] as number;
      if (ends !== NONE && !this.#gone[ends]) return;
      const begins = this.#from[this.#position] as number;
      if (begins !== NONE) this.#release(begins);
    }
  }
}

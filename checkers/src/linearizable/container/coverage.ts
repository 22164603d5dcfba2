import { NEVER } from '../../table/builder.ts';
import { NONE, type Elements } from './elements.ts';
import type { Gaps } from './gaps.ts';
import type { Group } from './rescue.ts';

/** Where an element is certainly inside, if anywhere: from the end of what put it in to the beginning of what took it out. */
export function stays(
  { putUntil, takeFrom }: Elements,
  element: number,
  during: (from: number, to: number) => void,
): void {
  const from = putUntil[element] as number;
  const to = takeFrom[element] as number;
  if (from < to) during(from, to);
}

/**
 * The fewest of some elements that, one or another, are certainly inside all the way from one position to another. They have
 * to be enough together.
 */
export function coverage(
  { putUntil, takeFrom }: Elements,
  candidates: Iterable<number>,
  from: number,
  to: number,
): number[] {
  const sorted: number[] = [];
  for (const e of candidates)
    if ((putUntil[e] as number) < Math.min(to, takeFrom[e] as number) && (takeFrom[e] as number) > from)
      sorted.push(e);
  sorted.sort((a, b) => (putUntil[a] as number) - (putUntil[b] as number));
  const chosen: number[] = [];
  let reached = from;
  for (let i = 0; reached < to;) {
    let best = -1;
    let furthest = reached;
    for (; i < sorted.length && (putUntil[sorted[i] as number] as number) <= reached; i++) {
      const end = takeFrom[sorted[i] as number] as number;
      if (end <= furthest) continue;
      furthest = end;
      best = sorted[i] as number;
    }
    if (best < 0) throw new Error(`no element is certainly inside behind event ${reached}`);
    chosen.push(best);
    reached = furthest === NEVER ? to : furthest;
  }
  return chosen;
}

/** Gaps in which no element was certainly inside, for takes that found nothing. */
export interface EmptyMoments {
  /** One for each such take, in order; {@link NONE} for those that have none. */
  readonly moments: Int32Array;
  readonly wrong: readonly (() => Group)[];
}

/** `gaps` are those that are not covered by any element. */
export function emptyMoments(elements: Elements, gaps: Gaps): EmptyMoments {
  const { at, vain, budget } = elements;
  const moments = new Int32Array(vain.length);
  const wrong: (() => Group)[] = [];
  for (const [i, row] of vain.entries()) {
    budget.pass(i);
    const from = at.call[row] as number;
    const to = at.return[row] as number;
    const gap = gaps.free(from);
    moments[i] = gap;
    if (gap < to) continue;
    moments[i] = NONE;
    wrong.push(() => ({ rows: [row], elements: coverage(elements, everything(elements), from, to) }));
  }
  return { moments, wrong };
}

/** The take at a place among those that found nothing, and why it cannot have done so before its moment. */
export function emptyReason(elements: Elements, moments: Int32Array, place: number): Group {
  const row = elements.vain[place] as number;
  const from = elements.at.call[row] as number;
  return { rows: [row], elements: coverage(elements, everything(elements), from, moments[place] as number) };
}

/** The numbers of all elements. */
function everything({ put }: Elements): Iterable<number> {
  return put.keys();
}

/** How many gaps of some, in order, lie before a position. */
export function countBefore(moments: Int32Array, position: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

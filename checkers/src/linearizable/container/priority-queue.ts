import { NEVER } from '../../table/builder.ts';
import { decode } from '../../table/values.ts';
import type { Judged } from '../judged.ts';
import { coverage, emptyMoments, emptyReason, stays } from './coverage.ts';
import { NONE, type Elements } from './elements.ts';
import { Gaps } from './gaps.ts';
import { sorted } from './sorted.ts';
import { rescue, type Attempt, type Deadlines, type Group } from './rescue.ts';
import { FirstEnds } from './trees.ts';

/**
 * # Smallest first
 *
 * The largest element is in nobody's way. It only needs a moment to come out in which no other is inside; that is, a gap
 * between two events in which no smaller element is certainly inside. So elements are looked at from the smallest to the
 * largest, each has to find a gap between the beginning and the end of what took it out that none before it covers, and then
 * covers what it certainly does itself (Lee and Mathur, 2025, find the same from the other end). A take that returned nothing
 * needs a gap that no element covers.
 *
 * Why a gap is enough: in it all others fall apart into those that are gone by then and those that go in afterwards, and an
 * order of the one followed by an order of the other is an order of both.
 *
 * The order that comes of it: each element goes in as late as it can, and out in the first gap it finds; in the same gap the
 * smaller first. A larger one that comes out while it is inside would have to do so before that gap, behind the beginning of the
 * take and uncovered by anything smaller: but then that gap would have been the first.
 *
 * Linear, but for the sorting of elements by size.
 */
export function judgePriorityQueue(elements: Elements): Judged {
  const { history, put, count } = elements;
  const size = new Float64Array(count);
  for (let e = 0; e < count; e++) {
    elements.budget.pass(e);
    const value = decode(history.input[put[e] as number] as number, history.values);
    if (typeof value !== 'number') return { valid: 'unfit', because: 'not all elements are numbers' };
    size[e] = value;
  }
  const bySize = sorted(size, elements.budget);
  return rescue(elements, (them) => attempt(them, bySize));
}

function attempt(elements: Elements, bySize: Uint32Array): Attempt {
  const { at, count, take, takeFrom, takeUntil } = elements;
  const gaps = new Gaps(at.last);
  const moments = new Int32Array(count).fill(NONE);
  const wrong: (() => Group)[] = [];
  for (let rank = 0; rank < count; rank++) {
    elements.budget.pass(rank);
    const e = bySize[rank] as number;
    if (take[e] !== NONE) {
      const from = takeFrom[e] as number;
      const until = Math.min(at.last + 1, takeUntil[e] as number);
      const gap = gaps.free(from);
      if (gap < until) moments[e] = gap;
      else
        wrong.push(() => ({
          elements: [e, ...coverage(elements, bySize.subarray(0, rank), from, until)],
          rows: [],
        }));
    }
    stays(elements, e, (from, to) => gaps.cover(from, to));
  }
  const empty = emptyMoments(elements, gaps);
  return {
    wrong: [...wrong, ...empty.wrong],
    hurried: [],
    order: () => lay(elements, bySize, moments, empty.moments),
    deadlines: () => deadlines(elements, bySize, moments, empty.moments),
  };
}

/** Whatever comes out, larger than an element and when that is inside already, asks for it to be gone. */
function deadlines(
  elements: Elements,
  bySize: Uint32Array,
  moments: Int32Array,
  empty: Int32Array,
): Deadlines {
  const { at, vain, count, putUntil, takeFrom, takeUntil } = elements;
  const by = new Float64Array(count).fill(Infinity);
  const because = new Int32Array(count);
  const last = at.last + 1;
  const larger = new FirstEnds(last);
  for (const [i, row] of vain.entries())
    larger.add(last - (empty[i] as number), 2 * (at.return[row] as number), -1 - i);
  for (let rank = count - 1; rank >= 0; rank--) {
    elements.budget.pass(rank);
    const e = bySize[rank] as number;
    const { end, who } = larger.before(last - (putUntil[e] as number) + 1);
    by[e] = end;
    because[e] = who;
    if (takeUntil[e] !== NEVER) larger.add(last - (moments[e] as number), 2 * (takeUntil[e] as number), e);
  }
  return {
    by,
    reason(element) {
      const who = because[element] as number;
      if (who < 0) return emptyReason(elements, empty, -1 - who);
      const smaller = bySize.subarray(0, bySize.indexOf(who));
      return {
        elements: [who, ...coverage(elements, smaller, takeFrom[who] as number, moments[who] as number)],
        rows: [],
      };
    },
  };
}

/** Each element in as late as can be, out in its gap; in one gap the smaller first, and behind them what goes in at its end. */
function lay(
  { at, put, take, putUntil, vain }: Elements,
  bySize: Uint32Array,
  moments: Int32Array,
  empty: Int32Array,
): number[] {
  const rows: number[] = [];
  const gaps: number[] = [];
  const place = (row: number, gap: number): void => {
    rows.push(row);
    gaps.push(gap);
  };
  const isBrief = (e: number): boolean =>
    take[e] !== NONE && (putUntil[e] as number) > (moments[e] as number);
  for (const e of bySize) {
    if (take[e] === NONE) continue;
    if (isBrief(e)) place(put[e] as number, moments[e] as number);
    place(take[e] as number, moments[e] as number);
  }
  for (const [i, row] of vain.entries()) place(row, empty[i] as number);
  for (const e of bySize) if (!isBrief(e)) place(put[e] as number, (putUntil[e] as number) - 1);
  return sortedBy(rows, gaps, at.last);
}

/** Rows in order of their gaps, those of one gap in the order that they have. */
function sortedBy(rows: readonly number[], gaps: readonly number[], last: number): number[] {
  const place = new Int32Array(last + 2);
  for (const gap of gaps) place[gap + 1]!++;
  for (let gap = 0; gap <= last; gap++) place[gap + 1]! += place[gap] as number;
  const sorted = Array.from<number>({ length: rows.length });
  for (const [i, row] of rows.entries()) sorted[place[gaps[i] as number]!++] = row;
  return sorted;
}

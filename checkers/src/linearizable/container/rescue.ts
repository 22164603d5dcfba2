import { NEVER } from '../../table/builder.ts';
import { illegal, type Judged } from '../judged.ts';
import { NONE, rowsOf, takenBy, type Elements } from './elements.ts';

/** What comes of judging elements as they are. */
export interface Attempt {
  /** Groups of which each is illegal by itself, some of them if there are many; none if there is an order. */
  readonly wrong: readonly (() => Group)[];
  /** Elements that have to be taken earlier than they were for anything to be legal, in deadlines as below. */
  readonly hurried: readonly { readonly element: number; readonly by: number }[];
  order(): readonly number[];
  /** By when elements have to be gone that nobody is known to have taken, if everything else is as early as can be. */
  deadlines(): Deadlines;
}

/** Elements, and takes that returned nothing. */
export interface Group {
  readonly elements: readonly number[];
  readonly rows: readonly number[];
}

export interface Deadlines {
  /** For each element twice the position, and one more if it is the gap behind; Infinity if it need never be gone. */
  readonly by: Float64Array;
  /** What asks for an element to be gone by then. */
  reason(element: number): Group;
}

/** How often another distribution is tried. */
const TRIES = 40;

/** How many groups of an attempt are looked at. */
const GROUPS = 100;

/**
 * # Takes of unknown outcome
 *
 * Each may have taken any element that is left, from its call on, or none. Which took which is a puzzle of its own, so the
 * answer is enclosed from both sides:
 *
 * - If it is illegal although the earliest of these takes took everything, it is illegal. Taking an element earlier never hurts.
 * - What has to be gone by when, in the second case, it has to in any case. If there are fewer takes than elements by some moment, the
 *   history is illegal.
 * - Else the most urgent elements are given to the earliest takes. If that is legal, the history is. If not, what is in the way gets
 *   an earlier deadline, a few times.
 *
 * What is still open then is for somebody else.
 */
export function rescue(
  elements: Elements,
  attempt: (elements: Elements, open?: Uint8Array) => Attempt,
): Judged {
  const { unknown, take, at } = elements;
  const left = Array.from(take.keys()).filter((e) => take[e] === NONE);
  const first = unknown[0];
  if (first === undefined || left.length === 0) {
    const { wrong, order } = attempt(elements);
    return wrong.length > 0 ? broken(elements, wrong) : { valid: true, order };
  }
  const best = attempt(
    takenBy(
      elements,
      left.map((element) => ({ element, row: first })),
    ),
  );
  if (best.wrong.length > 0) return broken(elements, best.wrong);
  const open = Uint8Array.from(take, (row) => (row === NONE ? 1 : 0));
  const { by, reason } = best.deadlines();
  for (let tries = 0; tries < TRIES; tries++) {
    const { pairs, late } = serve(elements, by);
    if (late && tries === 0) return broken(elements, [() => demanded(late, reason)]);
    if (late) break;
    const served = takenBy(elements, pairs);
    const found = attempt(served, open);
    if (found.wrong.length === 0 && found.hurried.length === 0) return { valid: true, order: found.order };
    for (const { element, by: sooner } of found.hurried)
      by[element] = Math.min(by[element] as number, sooner);
    for (const group of found.wrong.slice(0, GROUPS)) hurry(group(), elements, served, by);
  }
  return {
    valid: 'unfit',
    because: `which of ${left.length} elements were taken by ${unknown.length} takes of unknown outcome cannot be told`,
  };

  function hurry(group: Group, before: Elements, served: Elements, by: Float64Array): void {
    const open = group.elements.filter((e) => before.take[e] === NONE);
    const slowest = open.toSorted(
      (a, b) => (served.takeFrom[b] as number) - (served.takeFrom[a] as number),
    )[0];
    if (slowest === undefined)
      throw new Error('elements that nobody can have taken otherwise became illegal');
    const ends = [
      ...group.elements.map((e) => before.takeUntil[e] as number),
      ...group.rows.map((row) => at.return[row] as number),
    ].filter((end) => end !== NEVER);
    const end = ends.reduce((last, each) => Math.max(last, each), -Infinity);
    const now = served.takeFrom[slowest] as number;
    by[slowest] = Math.min(by[slowest] as number, now > end ? 2 * end : 2 * now - 1);
  }
}

/** Gives takes of unknown outcome to the elements that have to be gone by some deadline, the earliest to the most urgent. */
export function serve(
  { at, take, unknown }: Elements,
  by: Float64Array,
): {
  readonly pairs: readonly { readonly element: number; readonly row: number }[];
  readonly late?: readonly number[];
} {
  const urgent = Array.from(by.keys())
    .filter((e) => take[e] === NONE && by[e] !== Infinity)
    .toSorted((a, b) => (by[a] as number) - (by[b] as number));
  const pairs: { element: number; row: number }[] = [];
  for (const [i, element] of urgent.entries()) {
    const row = unknown[i];
    if (row === undefined || 2 * (at.call[row] as number) > (by[element] as number))
      return { pairs, late: urgent.slice(0, i + 1) };
    pairs.push({ element, row });
  }
  return { pairs };
}

/** Elements that come too late, with whatever asks for them. */
function demanded(late: readonly number[], reason: (element: number) => Group): Group {
  const reasons = late.map(reason);
  return {
    elements: [...new Set([...late, ...reasons.flatMap(({ elements }) => elements)])],
    rows: [...new Set(reasons.flatMap(({ rows }) => rows))],
  };
}

/** The smallest of some groups, and with what may still be inside whatever may have taken it. */
export function broken(elements: Elements, groups: readonly (() => Group)[]): Judged {
  return illegal(() => {
    const [least] = groups
      .slice(0, GROUPS)
      .map((group) => group())
      .toSorted((a, b) => a.elements.length - b.elements.length) as [Group];
    const { take, unknown } = elements;
    const open = least.elements.some((e) => take[e] === NONE);
    return [...rowsOf(elements, least.elements), ...least.rows, ...(open ? unknown : [])];
  });
}

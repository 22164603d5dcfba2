import type { History } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { NEVER } from '../table/builder.ts';
import type { Element, QueueContents } from './elements.ts';

/** Elements that were acknowledged and never came out. */
export interface Losses {
  /** How many are lost for certain. */
  readonly lost: number;
  /** How many others never came out, but may still be inside, or have been taken by somebody who never learned of it. */
  readonly unaccounted: number;
  /** How many of these nobody looked for: after they had been put in, nobody found the queue empty. */
  readonly unlooked: number;
  /** Those that are lost by themselves, and operations that show of some that not all can have been taken. */
  readonly each: readonly Missing[];
  readonly together?: { readonly missing: readonly Missing[]; readonly takers: readonly number[] };
}

/** An acknowledged element that never came out. */
export interface Missing {
  readonly element: Element;
  readonly enqueue: number;
  /** Whoever was the first to find the queue empty, having begun to look after the enqueue had returned; −1 for nobody. */
  readonly foundEmpty: number;
  /** When it was found empty at the latest. */
  readonly due: number;
}

/**
 * An element that was acknowledged before somebody began to look, and found the queue empty, must have been taken out before
 * that: by whoever is known to have got it, or by an operation of unknown outcome, each of which can have taken one.
 *
 * ```
 * enqueue 1   |────|
 * enqueue 2   |────|
 * dequeue           |──────?                    may have taken 1 or 2
 * dequeue → ∅                  |────|           but both are gone by here: one is lost
 * ```
 *
 * So elements are due, and of those due by any moment all are lost but as many as may have been taken before it.
 * Of a value that was put in more than once, those that came out are taken to be those due first.
 * Throws when nothing is left of the budget.
 */
export function losses(
  history: History,
  { elements, empty, mayTakeOne, mayTakeAll }: QueueContents,
  budget: Budget,
): Losses {
  const foundEmptyAfter = searcher(history, empty);
  const allTaken = mayTakeAll.reduce((first, row) => Math.min(first, history.call[row] as number), NEVER);
  const takers = mayTakeOne.toSorted((a, b) => (history.call[a] as number) - (history.call[b] as number));
  const all: Missing[] = [];
  let looked = 0;
  for (const element of elements.values()) {
    budget.pass(looked++);
    // Mostly what went in once came out once.
    if (element.out.length >= element.in.length) continue;
    const due = element.in
      .filter((row) => history.outcome[row] === 0)
      .map((enqueue): Missing => {
        const foundEmpty = foundEmptyAfter(history.return[enqueue] as number);
        return {
          element,
          enqueue,
          foundEmpty,
          due: foundEmpty < 0 ? NEVER : (history.return[foundEmpty] as number),
        };
      });
    for (const each of due.toSorted((a, b) => a.due - b.due).slice(element.out.length)) all.push(each);
  }
  const missing = all.filter(({ due }) => due < allTaken).toSorted((a, b) => a.due - b.due);

  const firstTaker = takers.length > 0 ? (history.call[takers[0] as number] as number) : NEVER;
  const each = missing.filter(({ due }) => due < firstTaker);
  const others = missing.slice(each.length);
  let lost = 0;
  let together: Losses['together'];
  for (let i = 0, t = 0; i < others.length; i++) {
    const due = others[i]?.due as number;
    while (t < takers.length && (history.call[takers[t] as number] as number) < due) t++;
    if (i + 1 - t > lost) lost = i + 1 - t;
    if (i + 1 > t) together ??= { missing: others.slice(0, i + 1), takers: takers.slice(0, t) };
  }
  lost += each.length;
  const unlooked = all.filter(({ due }) => due === NEVER).length;
  return { lost, unaccounted: all.length - lost, unlooked, each, ...(together && { together }) };
}

/** Finds among those who found the queue empty the first to return of those that were called after a position; −1 for none. */
function searcher(history: History, empty: readonly number[]): (position: number) => number {
  const byCall = empty.toSorted((a, b) => (history.call[a] as number) - (history.call[b] as number));
  const first = new Int32Array(byCall.length + 1).fill(-1);
  for (let i = byCall.length - 1; i >= 0; i--) {
    const row = byCall[i] as number;
    const later = first[i + 1] as number;
    first[i] =
      later >= 0 && (history.return[later] as number) < (history.return[row] as number) ? later : row;
  }
  return (position) => {
    let low = 0;
    let high = byCall.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((history.call[byCall[middle] as number] as number) < position) low = middle + 1;
      else high = middle;
    }
    return first[low] as number;
  };
}

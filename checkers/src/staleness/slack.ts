import type { Budget } from '../linearizable/budget.ts';
import type { Ages } from './ages.ts';
import type { Versions } from './versions.ts';

/** Two versions of a key each of which has to come before the other, unless reads are taken to have begun that much earlier. */
export interface Conflict {
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly nanoseconds: number;
}

/**
 * For each exact key that is not linearizable: how much earlier every read would have to have begun for it to be, and the
 * two versions that need that much. This is the Δ of Δ-atomicity (Golab, Li and Shah, 2011), exactly.
 *
 * Version A has to come before version B if it was certainly there (`first`) before B was written or still read
 * (`last`). Two versions conflict if each has to come before the other:
 *
 * ```
 * A   first ░░░░░░░░░░░░░░░ last            A was there first, B was there, and A was read after that:
 * B             first ░░░░░░░░░ last        either reads of A, or reads of B that were called after A, came too late
 *                     ◂───▸                 begun that much earlier, the last read of A would not be stale
 * ◂────────────────────────────▸            begun that much earlier, no read of B would say that B is newer
 * ```
 *
 * The smaller of the two resolves it, but the second only if the write of B was called before A was certainly there: writes
 * stay where they are. Beginning earlier resolves conflicts and makes none, so the least that resolves all is the
 * largest of what each needs. With versions in order of `first`, what a version needs of those before it follows from the
 * largest `last` among them, which only grows, and a binary search: n log n.
 */
export function conflicts(versions: Versions, ages: Ages, budget: Budget): Conflict[] {
  const { begin, exact, call, first, last } = versions;
  const { order, end, time } = ages;
  const found: Conflict[] = [];
  const farthest = new Int32Array(versions.count);
  const apart = (from: number, to: number): number => (time[to] as number) - (time[from] as number);
  for (let k = 0; k < exact.length; k++) {
    if (!exact[k]) continue;
    const from = begin[k] as number;
    const to = end[k] as number;
    let worst: Conflict | undefined;
    const conflict = (i: number, j: number, nanoseconds: number): void => {
      if (worst && !(nanoseconds > worst.nanoseconds)) return;
      worst = { key: k - 1, versions: [farthest[j] as number, order[i] as number], nanoseconds };
    };
    for (let i = from; i < to; i++) {
      budget.pass(i);
      const b = order[i] as number;
      const before = i > from ? (farthest[i - 1] as number) : b;
      farthest[i] = (last[b] as number) > (last[before] as number) ? b : before;
      const there = first[b] as number;
      // The initial version was there from the beginning, before any other.
      if (there < 0 || i === from || (last[before] as number) <= there) continue;
      /** Versions before this place were there before B was written; those from `open` on only when B was read last. */
      const settled = placeAfter(order, first, call[b] as number, from, i);
      const open = placeAfter(order, first, last[b] as number, settled, i);
      if (open === from || (last[farthest[open - 1] as number] as number) <= there) continue;
      if (settled > from) {
        const a = farthest[settled - 1] as number;
        if ((last[a] as number) > there) conflict(i, settled - 1, apart(there, last[a] as number));
      }
      // Needs of A grow along the order, those of B shrink: the best is where they cross.
      let low = settled;
      let high = open;
      const ofA = (j: number): number => apart(there, last[farthest[j] as number] as number);
      const ofB = (j: number): number => apart(first[order[j] as number] as number, last[b] as number);
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ofA(middle) < ofB(middle)) low = middle + 1;
        else high = middle;
      }
      for (const j of [open - 1, low - 1, low])
        if (j >= settled && j < open && (last[farthest[j] as number] as number) > there)
          conflict(i, j, Math.min(ofA(j), ofB(j)));
    }
    if (worst) found.push(worst);
  }
  return found;
}

/** The first place from `low` and before `high` whose version was first there at or after a position; `high` if none was. */
function placeAfter(
  order: Int32Array,
  first: Int32Array,
  position: number,
  low: number,
  high: number,
): number {
  // Mostly it is near the end.
  for (let step = 1; high - step >= low; step *= 2) {
    if ((first[order[high - step] as number] as number) < position) {
      low = high - step + 1;
      break;
    }
    high -= step;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((first[order[middle] as number] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

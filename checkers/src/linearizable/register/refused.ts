import { grouped } from '../../grouped.ts';
import { NEVER } from '../../table/builder.ts';
import type { Budget } from '../budget.ts';
import { INITIAL, type Clusters } from './clusters.ts';
import type { Positions } from './positions.ts';
import { REFUSED, type RegisterSteps } from './steps.ts';

/** Where the compare-and-sets that were refused fit into an order of everything else. */
export interface Refused {
  /** Keys whose order has no place for one of theirs. Another order might have. */
  readonly homeless: ReadonlySet<number>;
  order(): Map<number, number[]>;
}

/**
 * A refused compare-and-set says only that the value was *not* what it expected. Given an order of all other
 * operations, each is put at the earliest point that respects real time and where the value is another. The
 * earliest is best: it leaves most room for those that come after it.
 *
 * ```
 * order    write 1 ─ read 1 ─ write 2 ─ write 3
 * cas 1→9     ✗         ✗         ✓
 * ```
 *
 * A value that was certainly there from before the call until after the return makes a refusal a fault.
 */
export function placeRefused(
  steps: RegisterSteps,
  groups: Clusters,
  orders: ReadonlyMap<number, readonly number[]>,
  at: Positions,
  budget: Budget,
): Refused {
  const { kind, length, history } = steps;
  const { key } = history;
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const c = groups.of[i] as number;
    if (
      kind[i] !== REFUSED ||
      c < 0 ||
      !groups.distinct[(key[i] as number) + 1] ||
      groups.faults.has(key[i] as number)
    )
      continue;
    const { since, until } = certain(groups, c, at);
    if (since < (at.call[i] as number) && (at.return[i] as number) < until)
      groups.faults.set(key[i] as number, {
        kind: 'refused',
        evidence: () => [i, ...witnesses(groups, c, at, since, until)],
      });
  }

  /** The place of each operation in its key's order, and where each value's reign ends. */
  const place = new Int32Array(length).fill(-1);
  const reignEnds = new Int32Array(groups.count);
  for (const order of orders.values())
    for (const [p, row] of order.entries()) {
      place[row] = p;
      reignEnds[groups.of[row] as number] = p + 1;
    }

  const events = new Int32Array(at.last + 1).fill(-1);
  for (let i = 0; i < length; i++) {
    events[at.call[i] as number] = i;
    if (at.return[i] !== NEVER) events[at.return[i] as number] = i;
  }
  const keys = history.keys.length + 1;
  const latest = new Int32Array(keys).fill(NEVER);
  const deadline = new Int32Array(length);
  for (let p = at.last; p >= 0; p--) {
    budget.pass(p);
    const i = events[p] as number;
    if (i < 0) continue;
    const k = (key[i] as number) + 1;
    if (kind[i] === REFUSED) {
      if (at.return[i] === p) deadline[i] = latest[k] as number;
    } else if (at.call[i] === p && (place[i] as number) >= 0)
      latest[k] = Math.min(latest[k] as number, place[i] as number);
  }

  const homeless = new Set<number>();
  const earliest = new Int32Array(keys);
  for (let p = 0; p <= at.last; p++) {
    budget.pass(p);
    const i = events[p] as number;
    if (i < 0) continue;
    const k = (key[i] as number) + 1;
    const order = orders.get(k - 1) ?? [];
    if (at.return[i] === p) {
      const after = kind[i] === REFUSED ? (place[i] as number) : (place[i] as number) + 1;
      if (after > (earliest[k] as number)) earliest[k] = after;
    } else if (kind[i] === REFUSED) {
      let point = earliest[k] as number;
      const reigns = point === 0 ? k : (groups.of[order[point - 1] as number] as number);
      if (reigns === groups.of[i]) point = (reignEnds[reigns] as number) + 1;
      if (point > order.length || point > (deadline[i] as number)) homeless.add(k - 1);
      place[i] = point;
    }
  }
  return { homeless, order: () => insert(steps, orders, place) };
}

/** Since when and until when the value of a cluster was certainly there. */
function certain(
  groups: Clusters,
  c: number,
  at: Positions,
): { readonly since: number; readonly until: number } {
  const w = groups.writer[c] as number;
  const n = groups.next.length > 0 ? (groups.next[c] as number) : -1;
  const wrote = w === INITIAL ? -1 : (at.return[w] as number);
  const swapped = n < 0 ? -1 : (at.call[groups.writer[n] as number] as number);
  return {
    since: Math.min(wrote, groups.firstReturn[c] as number),
    until: Math.max(groups.lastCall[c] as number, swapped),
  };
}

/** The operations that return at `since` and are called at `until`. */
function witnesses(groups: Clusters, c: number, at: Positions, since: number, until: number): number[] {
  const n = groups.next.length > 0 ? (groups.next[c] as number) : -1;
  const rows = Array.from(groups.of.keys()).filter((i) => groups.of[i] === c);
  if (n >= 0) rows.push(groups.writer[n] as number);
  return rows.filter((i) => at.return[i] === since || at.call[i] === until);
}

function insert(
  { kind, history }: RegisterSteps,
  orders: ReadonlyMap<number, readonly number[]>,
  place: Int32Array,
): Map<number, number[]> {
  const refused = grouped(
    Array.from(place.keys()).filter((i) => kind[i] === REFUSED),
    (i) => history.key[i] as number,
  );
  return new Map(
    [...orders].map(([k, order]) => {
      const late = (refused.get(k) ?? []).toSorted(
        (a, b) => (place[a] as number) - (place[b] as number) || a - b,
      );
      const whole: number[] = [];
      let r = 0;
      for (let p = 0; p <= order.length; p++) {
        for (; r < late.length && place[late[r] as number] === p; r++) whole.push(late[r] as number);
        if (p < order.length) whole.push(order[p] as number);
      }
      return [k, whole];
    }),
  );
}

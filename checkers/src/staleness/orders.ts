import type { Budget } from '../linearizable/budget.ts';
import { NEVER } from '../table/builder.ts';
import { asks, type Ages } from './ages.ts';
import type { Versions } from './versions.ts';

/**
 * For each exact key, at key + 1, a number of versions that no read is more behind than in some order of all writes.
 *
 * Two orders are tried: as versions were first certainly there, and as their zones begin, with that or with the last call of
 * a read that saw them, whichever is earlier. Either moment lies between the call of the write and the first return, so
 * that the order respects real time whatever was read; and in it, every read can take effect as soon as everything that
 * ended before it has. How far behind it is then follows from the latest version by that order that was there when it was
 * called. One pass over the events.
 */
export function behindAtMost(versions: Versions, ages: Ages, budget: Budget): Int32Array {
  const { steps, at, exact, seen } = versions;
  const { events, keyOf } = ages;
  const { key } = steps.history;
  const byFirst = placesIn(versions, ages);
  const byZone = ranksByZone(versions, keyOf);
  const keys = exact.length;
  const lastByFirst = new Int32Array(keys);
  const lastByZone = new Int32Array(keys);
  const mostByFirst = new Int32Array(keys);
  const mostByZone = new Int32Array(keys);
  for (let p = 0; p <= at.last; p++) {
    budget.pass(p);
    const v = events[p] as number;
    if (v >= 0) {
      const k = keyOf[v] as number;
      lastByFirst[k] = byFirst[v] as number;
      if ((byZone[v] as number) > (lastByZone[k] as number)) lastByZone[k] = byZone[v] as number;
    }
    if (v >= -1) continue;
    const i = asks(v);
    const s = seen[i] as number;
    if (s < 0) continue;
    const k = (key[i] as number) + 1;
    const behindByFirst = (lastByFirst[k] as number) - (byFirst[s] as number);
    if (behindByFirst > (mostByFirst[k] as number)) mostByFirst[k] = behindByFirst;
    const behindByZone = (lastByZone[k] as number) - (byZone[s] as number);
    if (behindByZone > (mostByZone[k] as number)) mostByZone[k] = behindByZone;
  }
  return mostByFirst.map((behind, k) => Math.min(behind, mostByZone[k] as number));
}

/** The place of each version among those of its key as they came to be there, the initial one first. */
function placesIn({ begin, count }: Versions, { order, end }: Ages): Int32Array {
  const places = new Int32Array(count);
  for (let k = 0; k < end.length; k++)
    for (let i = begin[k] as number; i < (end[k] as number); i++)
      places[order[i] as number] = i - (begin[k] as number);
  return places;
}

/** The place of each version among those of its key by where zones begin. Nobody asks for those that were never there. */
function ranksByZone({ begin, first, last, exact, count, at }: Versions, keyOf: Int32Array): Int32Array {
  const begins = new Int32Array(at.last + 1).fill(-1);
  for (let v = 0; v < count; v++)
    if (first[v] !== NEVER && v !== begin[keyOf[v] as number])
      begins[Math.min(first[v] as number, last[v] as number)] = v;
  const ranks = new Int32Array(count);
  const next = new Int32Array(exact.length).fill(1);
  for (let p = 0; p <= at.last; p++) {
    const v = begins[p] as number;
    if (v >= 0) ranks[v] = next[keyOf[v] as number]!++;
  }
  return ranks;
}

import { OPEN } from './columns.ts';
import type { Limits } from './limits.ts';

/** Those that happened and have a place, sorted by it: a counting sort, since places are dense. */
export function inOrder(place: Int32Array, happened: Uint8Array, limits: Limits): Int32Array {
  let last = -1;
  for (let t = 0; t < place.length; t++)
    if (happened[t] && place[t] !== OPEN && (place[t] as number) > last) last = place[t] as number;
  const at = limits.int32(last + 2);
  for (let t = 0; t < place.length; t++)
    if (happened[t] && place[t] !== OPEN) at[(place[t] as number) + 1]!++;
  for (let p = 0; p <= last; p++) at[p + 1]! += at[p] as number;
  const sorted = limits.int32(at[last + 1] as number);
  for (let t = 0; t < place.length; t++)
    if (happened[t] && place[t] !== OPEN) sorted[at[place[t] as number]!++] = t;
  limits.release(at.length * 4);
  return sorted;
}

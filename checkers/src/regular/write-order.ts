import { READ } from '../linearizable/register/steps.ts';
import type { JudgedReads } from './judge-reads.ts';

/** Two reads of one key after both of two writes, which found different ones of them. */
export interface Disagreement {
  readonly key: number;
  /** Both writes, and whoever was called after the other write had returned and found this one: a read, or the write itself. */
  readonly rows: readonly number[];
}

/**
 * Whether all reads can agree on one order of the writes. Write A has to come before write B if it returned before B was
 * called, or before some read was that found B. So all that matters of a write is its return, and the last call among
 * itself and the reads that found it: the zones of Gibbons and Korach
 * (1997), but that a zone begins with the return of the write itself, whatever reads had found before. As there, writes
 * cannot be ordered only if two of them each have to come before the other.
 *
 * Keys on which some value was written twice are left out. One disagreement for each key is found, in linear time.
 */
export function disagreements({ steps, values, at, events }: JudgedReads): Disagreement[] {
  const { length, kind, value, history } = steps;
  const { count, of, table, distinct, writer } = values;
  const keys = distinct.length;
  const returned = new Int32Array(count).fill(-1);
  const lastCall = new Int32Array(count).fill(-1);
  for (let c = keys; c < count; c++) {
    returned[c] = at.return[writer[c] as number] as number;
    lastCall[c] = at.call[writer[c] as number] as number;
  }
  for (let i = 0; i < length; i++) {
    if (kind[i] !== READ) continue;
    const c = table.find(history.key[i] as number, value[i] as number);
    of[i] = c;
    if (c >= 0) lastCall[c] = Math.max(lastCall[c] as number, at.call[i] as number);
  }

  const begins = new Int32Array(at.last + 1).fill(-1);
  for (let c = keys; c < count; c++) begins[Math.min(returned[c] as number, lastCall[c] as number)] = c;
  /** For each key the zone entered last that reaches farthest. It is in force from the beginning for the initial value. */
  const current = Int32Array.from({ length: keys }, (_, k) => k);
  const found: Disagreement[] = [];
  const done = new Uint8Array(keys);
  for (let p = 0; p <= at.last; p++) {
    const c = begins[p] as number;
    if (c < 0) continue;
    const k = (history.key[writer[c] as number] as number) + 1;
    if (done[k] || !distinct[k]) continue;
    const end = lastCall[current[k] as number] as number;
    const forward = (returned[c] as number) < (lastCall[c] as number);
    if (p < end && (forward || (returned[c] as number) < end)) {
      done[k] = 1;
      found.push({ key: k - 1, rows: evidence(current[k] as number, c) });
    }
    if (forward && (lastCall[c] as number) > end) current[k] = c;
  }
  return found;

  function evidence(a: number, b: number): number[] {
    const rows = [a, b].flatMap((c) => [
      ...(c < keys ? [] : [writer[c] as number]),
      events[lastCall[c] as number] as number,
    ]);
    return [...new Set(rows)];
  }
}

import { OWN } from '../transactions/register-reads.ts';
import type { CausalBase } from './base.ts';
import type { Clocks } from './clocks.ts';
import type { Limits } from '../transactions/limits.ts';
import type { WritesBySession } from './writes-by-session.ts';

/**
 * Calls `see` for every read and every session: with the last transaction of that session that wrote the key and
 * happens before the reader, unless the read returned exactly that write or one that knew of it. These are the writes
 * that the read passed over, and that nothing yet says are older than what it returned.
 *
 * Readers are taken session by session: along a session clocks only grow, so each group of writers is walked
 * once a session, whatever the number of reads. O(reads · sessions + writes · sessions).
 */
export function forEachVisibleWrite(
  base: CausalBase,
  writes: WritesBySession,
  clocks: Clocks,
  limits: Limits,
  see: (reader: number, micro: number, source: number, other: number) => void,
): void {
  const { txns, source, place, members } = base;
  const { start, key, process } = txns;
  const { keyStart, session, groupStart, writer } = writes;
  const { first, width, row } = clocks;
  const groups = session.length;
  const at = new Int32Array(groups);
  const walkedBy = new Int32Array(groups).fill(-1);
  for (let i = 0; i < members.length; i++) {
    const t = members[i] as number;
    const reading = process[t] as number;
    limits.step(width);
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const from = source[m] as number;
      if (from === OWN) continue;
      const k = key[m] as number;
      for (let g = keyStart[k] as number; g < (keyStart[k + 1] as number); g++) {
        const s = (session[g] as number) - first;
        if (s < 0 || s >= width) continue;
        const limit = row[t * width + s] as number;
        // What the source knew of is older than the source anyway; most sessions end here.
        if (limit <= (from >= 0 ? (row[from * width + s] as number) : 0)) continue;
        if (walkedBy[g] !== reading) {
          walkedBy[g] = reading;
          at[g] = groupStart[g] as number;
        }
        const end = groupStart[g + 1] as number;
        let w = at[g] as number;
        while (w < end && (place[writer[w] as number] as number) < limit) w++;
        at[g] = w;
        if (w === groupStart[g]) continue;
        const other = writer[w - 1] as number;
        if (other === from) continue;
        if (from < 0 || (row[from * width + s] as number) <= (place[other] as number)) see(t, m, from, other);
      }
    }
  }
}

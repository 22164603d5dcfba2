import { OPEN } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Limits } from './limits.ts';
import type { RegisterVersions } from './register-versions.ts';
import type { Writers } from './writers.ts';

/**
 * What real time says about the versions of one key (Gibbons & Korach 1997). Everyone who touched a chain of versions
 * touched it before the next chain began, so when somebody on chain u had returned before somebody on chain v was
 * called, u comes first:
 *
 * ```
 *   u   ├──┤                        ends(u): the first return on u
 *   v            ├───┤   ├──┤       begins(v): the last call on v        ends(u) < begins(v)  ⇒  u before v
 * ```
 */
export interface Zones {
  /** Position of the first return on a chain, and of the last call. */
  readonly ends: Int32Array;
  readonly begins: Int32Array;
  readonly endedBy: Int32Array;
  readonly begunBy: Int32Array;
}

export function zonesOf(
  txns: Transactions,
  writers: Writers,
  versions: RegisterVersions,
  limits: Limits,
): Zones {
  const { chainOf, readers, readersStart } = versions;
  const ends = limits.int32(versions.chains).fill(OPEN);
  const begins = limits.int32(versions.chains).fill(-1);
  const endedBy = limits.int32(versions.chains).fill(-1);
  const begunBy = limits.int32(versions.chains).fill(-1);
  const touch = (c: number, t: number): void => {
    if ((txns.return[t] as number) < (ends[c] as number)) {
      ends[c] = txns.return[t] as number;
      endedBy[c] = t;
    }
    if ((txns.call[t] as number) > (begins[c] as number)) {
      begins[c] = txns.call[t] as number;
      begunBy[c] = t;
    }
  };
  for (let v = 0; v < txns.versions; v++) {
    const c = chainOf[v] as number;
    if (c < 0) continue;
    touch(c, writers.of[v] as number);
    for (let r = readersStart[v] as number; r < (readersStart[v + 1] as number); r++)
      touch(c, readers[r] as number);
    limits.step(2);
  }
  return { ends, begins, endedBy, begunBy };
}

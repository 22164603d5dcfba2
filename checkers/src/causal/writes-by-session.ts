import { WRITE } from '../transactions/columns.ts';
import type { Limits } from '../transactions/limits.ts';
import type { CausalBase } from './base.ts';

/**
 * For each key its writers, session by session, each session's in order:
 *
 * ```
 *   key x │ session 0: t3 t9 t11 │ session 4: t5 │ session 7: t2 t6 │
 * ```
 *
 * A run of one session on one key is a group; "the last write of x by session 4 before here" is a search in one group.
 */
export interface WritesBySession {
  /** Groups of key `k` are `keyStart[k] … keyStart[k + 1] − 1`. */
  readonly keyStart: Int32Array;
  /** Group `g` belongs to a session and holds `writer[groupStart[g]] … writer[groupStart[g + 1] − 1]`. */
  readonly session: Int32Array;
  readonly groupStart: Int32Array;
  readonly writer: Int32Array;
}

export function writesBySession(base: CausalBase, limits: Limits): WritesBySession {
  const { txns, members } = base;
  const { start, kind, key, process } = txns;
  const keys = txns.keys.length;
  const last = limits.int32(keys).fill(-1);
  const count = limits.int32(keys + 1);
  for (let i = 0; i < members.length; i++) {
    const t = members[i] as number;
    limits.step(2);
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const k = key[m] as number;
      if (kind[m] !== WRITE || last[k] === t) continue;
      last[k] = t;
      count[k + 1]!++;
    }
  }
  for (let k = 0; k < keys; k++) count[k + 1]! += count[k] as number;
  const next = count.slice(0, keys);
  const writer = limits.int32(count[keys] as number);
  last.fill(-1);
  // Members are listed session by session, so each key's writers are too.
  for (let i = 0; i < members.length; i++) {
    const t = members[i] as number;
    limits.step(2);
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const k = key[m] as number;
      if (kind[m] !== WRITE || last[k] === t) continue;
      last[k] = t;
      writer[next[k]!++] = t;
    }
  }
  const keyStart = new Int32Array(keys + 1);
  const session: number[] = [];
  const groupStart: number[] = [];
  for (let k = 0; k < keys; k++) {
    keyStart[k] = session.length;
    for (let i = count[k] as number; i < (count[k + 1] as number); i++) {
      const s = process[writer[i] as number] as number;
      if (i > (count[k] as number) && session.at(-1) === s) continue;
      session.push(s);
      groupStart.push(i);
    }
  }
  limits.hold(session.length * 16);
  keyStart[keys] = session.length;
  groupStart.push(writer.length);
  return {
    keyStart,
    session: Int32Array.from(session),
    groupStart: Int32Array.from(groupStart),
    writer,
  };
}

import { APPEND, FAIL, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Limits } from './limits.ts';

/** Who wrote each version. */
export interface Writers {
  /** The transaction; −1 when nobody wrote it. One that failed gives way to one that did not. */
  readonly of: Int32Array;
  /** 1 where it was its transaction's last write to that key. Others must not see the earlier ones. */
  readonly final: Uint8Array;
  /** Versions that more than one transaction wrote (failed ones aside): then nobody can tell whose was read. */
  readonly ambiguous: Uint8Array;
  readonly ambiguities: number;
}

export function writersOf(txns: Transactions, limits: Limits): Writers {
  const { length, start, kind, value, key, outcome } = txns;
  const of = limits.int32(txns.versions).fill(-1);
  const final = limits.uint8(txns.versions);
  const ambiguous = limits.uint8(txns.versions);
  const seen = limits.int32(txns.keys.length).fill(-1);
  let ambiguities = 0;
  for (let t = 0; t < length; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    for (let m = (start[t + 1] as number) - 1; m >= (start[t] as number); m--) {
      if (kind[m] !== APPEND && kind[m] !== WRITE) continue;
      const v = value[m] as number;
      const before = of[v] as number;
      if (before >= 0 && outcome[t] === FAIL) continue;
      if (before >= 0 && outcome[before] !== FAIL) {
        ambiguities += 1 - (ambiguous[v] as number);
        ambiguous[v] = 1;
      }
      of[v] = t;
      final[v] = seen[key[m] as number] === t ? 0 : 1;
      seen[key[m] as number] = t;
    }
  }
  return { of, final, ambiguous, ambiguities };
}

import { APPEND, FAIL, LIST, OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Limits } from './limits.ts';
import type { Writers } from './writers.ts';

/**
 * The order of versions, read off the lists themselves: whoever returns `[1, 4, 3]` says that 1 came before 4 and
 * 4 before 3. The longest list of a key is its order; what nobody ever saw comes after it, in an order unknown.
 */
export interface ListOrder {
  /** Where a key's longest list begins in `elements`, and its length; 0 where nobody read it. */
  readonly at: Int32Array;
  readonly size: Int32Array;
  /** The transaction that read it; −1 where nobody did. */
  readonly reader: Int32Array;
  /** A version's place in its key's order; −1 where nobody saw it. */
  readonly place: Int32Array;
  /** 1 for transactions that took effect: those that said so, and those whose writes were seen. */
  readonly happened: Uint8Array;
}

export function listOrderOf(txns: Transactions, writers: Writers, limits: Limits): ListOrder {
  const { length, start, kind, key, value, size, elements, outcome } = txns;
  const longestAt = limits.int32(txns.keys.length);
  const longest = limits.int32(txns.keys.length);
  const reader = limits.int32(txns.keys.length).fill(-1);
  for (let t = 0; t < length; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== LIST) continue;
      const k = key[m] as number;
      if ((size[m] as number) > (longest[k] as number) || reader[k] === -1) {
        longest[k] = size[m] as number;
        longestAt[k] = value[m] as number;
        reader[k] = t;
      }
    }
  }
  const place = limits.int32(txns.versions).fill(-1);
  for (let k = 0; k < longest.length; k++)
    for (let i = 0; i < (longest[k] as number); i++) {
      const v = elements[(longestAt[k] as number) + i] as number;
      if (place[v] === -1) place[v] = i;
    }
  const happened = limits.uint8(length);
  for (let t = 0; t < length; t++) {
    happened[t] = outcome[t] === OK ? 1 : 0;
    if (outcome[t] === OK || outcome[t] === FAIL) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (kind[m] === APPEND && place[value[m] as number] !== -1 && writers.of[value[m] as number] === t)
        happened[t] = 1;
  }
  return { at: longestAt, size: longest, reader, place, happened };
}

/** Whether a read is a prefix of the longest of its key. */
export function isPrefix(txns: Transactions, order: ListOrder, m: number): boolean {
  const from = txns.value[m] as number;
  const to = order.at[txns.key[m] as number] as number;
  if (from === to) return true;
  const { elements } = txns;
  for (let i = 0; i < (txns.size[m] as number); i++)
    if (elements[from + i] !== elements[to + i]) return false;
  return true;
}

import { OWN } from '../transactions/register-reads.ts';
import type { Limits } from '../transactions/limits.ts';
import type { CausalBase } from './base.ts';
import type { Clocks } from './clocks.ts';
import type { WritesBySession } from './writes-by-session.ts';

/**
 * Plain causal consistency (CC): every transaction, for itself, can put its causal past into some order that
 * explains its reads. Others may see another order.
 *
 * A read of x from T1 wants every other writer of x in the past to come before T1. For single reads that fails when
 * T1 happens before such a writer (WriteCORead). A transaction with several reads may also want T1 before T2 for one
 * key and T2 before T1 for another, so the wishes of one transaction are searched for a cycle:
 *
 * ```
 *   read i ──► read j    when the source of i is, or happens before, a write that read j passed over
 * ```
 */
export interface WeakViolation {
  readonly reader: number;
  /** Reads of the cycle, and for each the write passed over by the next; one read alone when it is a WriteCORead. */
  readonly reads: readonly { readonly micro: number; readonly source: number; readonly other: number }[];
}

export function weakViolation(
  base: CausalBase,
  writes: WritesBySession,
  clocks: Clocks,
  limits: Limits,
): WeakViolation | undefined {
  const { txns, source, members } = base;
  for (const t of members) {
    limits.step(clocks.width);
    const reads: number[] = [];
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
      if (source[m] !== OWN) reads.push(m);
    if (reads.length === 0) continue;
    const wishes = reads.map((m) => passedOver(base, writes, clocks, t, m));
    const cycle = cycleOfWishes(base, clocks, reads, wishes);
    if (cycle) return { reader: t, reads: cycle };
  }
  return undefined;
}

/** The last write of each session to the key of a read, in the reader's past, other than what it returned. */
function passedOver(
  base: CausalBase,
  writes: WritesBySession,
  clocks: Clocks,
  t: number,
  m: number,
): number[] {
  const k = base.txns.key[m] as number;
  const found: number[] = [];
  for (let g = writes.keyStart[k] as number; g < (writes.keyStart[k + 1] as number); g++) {
    const limit = clocks.row[t * clocks.width + (writes.session[g] as number)] as number;
    let low = writes.groupStart[g] as number;
    let high = writes.groupStart[g + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((base.place[writes.writer[middle] as number] as number) < limit) low = middle + 1;
      else high = middle;
    }
    if (low === writes.groupStart[g]) continue;
    const other = writes.writer[low - 1] as number;
    if (other !== base.source[m]) found.push(other);
  }
  return found;
}

function cycleOfWishes(
  base: CausalBase,
  clocks: Clocks,
  reads: readonly number[],
  wishes: readonly (readonly number[])[],
): WeakViolation['reads'] | undefined {
  const before = (a: number, b: number): boolean =>
    a === b ||
    (clocks.row[b * clocks.width + (base.txns.process[a] as number)] as number) > (base.place[a] as number);
  /** The write that read j passed over and that comes after what read i returned. */
  const link = (i: number, j: number): number | undefined => {
    const from = base.source[reads[i] as number] as number;
    return (wishes[j] as readonly number[]).find((other) => from < 0 || before(from, other));
  };
  for (const [i, m] of reads.entries()) {
    // What returned the initial value returned what comes before every write: any write passed over contradicts it.
    const other = link(i, i);
    if (other !== undefined) return [{ micro: m, source: base.source[m] as number, other }];
  }
  const n = reads.length;
  if (n < 2) return undefined;
  const edges = reads.map((_, i) =>
    reads.map((__, j) =>
      i === j || (base.source[reads[i] as number] as number) < 0 ? undefined : link(i, j),
    ),
  );
  const state = new Uint8Array(n); // 0 not seen, 1 on the path, 2 done
  for (let root = 0; root < n; root++) {
    if (state[root] !== 0) continue;
    const path = [root];
    const next = [0];
    state[root] = 1;
    while (path.length > 0) {
      const i = path.at(-1) as number;
      const j = next.at(-1) as number;
      next[next.length - 1] = j + 1;
      if (j >= n) {
        state[i] = 2;
        path.pop();
        next.pop();
        continue;
      }
      if (edges[i]?.[j] === undefined || state[j] === 2) continue;
      if (state[j] === 0) {
        state[j] = 1;
        path.push(j);
        next.push(0);
        continue;
      }
      const cycle = path.slice(path.indexOf(j));
      return cycle.map((at, step) => ({
        micro: reads[at] as number,
        source: base.source[reads[at] as number] as number,
        other: edges[at]?.[cycle[(step + 1) % cycle.length] as number] as number,
      }));
    }
  }
  return undefined;
}

import type { RegisterKnowledge } from '../register-knowledge.ts';
import { OWN } from '../register-reads.ts';
import { INITIAL, WRITE } from '../columns.ts';

/**
 * Transactions with those that link them: where two of them touch versions of one chain, everyone who wrote the
 * versions between.
 */
export function withChains(
  { txns, writers, reads, versions }: RegisterKnowledge,
  members: readonly number[],
): number[] {
  const touched = new Map<number, Set<number>>();
  for (const t of members)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const v = txns.value[m] as number;
      if (v === INITIAL || (txns.kind[m] !== WRITE && reads.source[m] === OWN)) continue;
      const chain = versions.chainOf[v] as number;
      if (chain >= 0) touched.set(chain, (touched.get(chain) ?? new Set()).add(v));
    }
  const all = new Set(members);
  for (const [chain, some] of touched) {
    let left = some.size;
    for (let v = versions.head[chain] as number; v !== -1 && left > 0; v = versions.next[v] as number) {
      if (some.has(v)) left--;
      all.add(writers.of[v] as number);
    }
  }
  return [...all].toSorted((a, b) => a - b);
}

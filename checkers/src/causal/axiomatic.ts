import { WRITE } from '../transactions/columns.ts';
import { OWN } from '../transactions/register-reads.ts';
import type { Limits } from '../transactions/limits.ts';
import type { CausalBase } from './base.ts';
import { nothingPassed, pass } from './commit-order.ts';
import type { Passed } from './commit-order.ts';

/**
 * Read committed and read atomic, as axioms about reads (Biswas & Enea, OOPSLA 2019): what a transaction has seen of
 * another it must not unsee.
 *
 * - read committed: having read anything of T2, a later read must not return a version older than T2's;
 * - read atomic: reading anything of T2, or coming after it in the session, no read may return an older version.
 *
 * Both demand an order of writers wherever a read passes over a write that it knew of.
 */
export interface Axioms {
  readonly passed: Passed;
  /** Reads of the initial value that pass over a write they knew of; nothing is older, so there is no such order. */
  readonly stale: readonly { readonly micro: number; readonly reader: number; readonly other: number }[];
}

export function readCommittedAxioms(base: CausalBase, limits: Limits): Axioms {
  const { txns, source, members } = base;
  const { start, kind, key } = txns;
  const passed = nothingPassed(limits);
  const stale: Axioms['stale'][number][] = [];
  const seen = limits.int32(txns.length).fill(-1);
  const keyOf = limits.int32(txns.keys.length).fill(-1);
  const knownWriters: number[][] = [];
  for (const t of members) {
    limits.step(8);
    // For each key written by anyone this transaction has read from, who that was.
    let known = 0;
    const touched: number[] = [];
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const from = source[m] as number;
      if (from === OWN) continue;
      const k = key[m] as number;
      const slot = keyOf[k] as number;
      if (slot >= 0)
        for (const other of knownWriters[slot] as number[])
          if (other !== from)
            if (from >= 0) pass(passed, other, from, m);
            else stale.push({ micro: m, reader: t, other });
      if (from < 0 || seen[from] === t) continue;
      seen[from] = t;
      for (let w = start[from] as number; w < (start[from + 1] as number); w++) {
        if (kind[w] !== WRITE) continue;
        const written = key[w] as number;
        if ((keyOf[written] as number) < 0) {
          keyOf[written] = known;
          touched.push(written);
          knownWriters[known++] = [];
        }
        const writers = knownWriters[keyOf[written] as number] as number[];
        if (writers.at(-1) !== from) writers.push(from);
      }
    }
    for (const k of touched) keyOf[k] = -1;
  }
  return { passed, stale };
}

export function readAtomicAxioms(base: CausalBase, limits: Limits): Axioms {
  const { txns, source, members } = base;
  const { start, key } = txns;
  const passed = nothingPassed(limits);
  const stale: Axioms['stale'][number][] = [];
  /** For each key the last transaction of the current session that wrote it. */
  const lastOwn = limits.int32(txns.keys.length).fill(-1);
  let session = -1;
  const see = (m: number, t: number, from: number, other: number): void => {
    if (other < 0 || other === from) return;
    if (from >= 0) pass(passed, other, from, m);
    else stale.push({ micro: m, reader: t, other });
  };
  const readers = new Map<number, number[]>();
  for (const t of members) {
    limits.step(8);
    const process = txns.process[t] as number;
    if (process !== session) lastOwn.fill(-1);
    session = process;
    readers.clear();
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (source[m] === OWN) continue;
      const k = key[m] as number;
      see(m, t, source[m] as number, lastOwn[k] as number);
      const known = readers.get(k);
      if (known) known.push(m);
      else readers.set(k, [m]);
    }
    const sources = new Set<number>();
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if ((source[m] as number) >= 0) sources.add(source[m] as number);
    if (readers.size > 1 || sources.size > 1)
      for (const other of sources)
        for (let w = start[other] as number; w < (start[other + 1] as number); w++)
          if (txns.kind[w] === WRITE)
            for (const m of readers.get(key[w] as number) ?? []) see(m, t, source[m] as number, other);
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      if (txns.kind[m] === WRITE) lastOwn[key[m] as number] = t;
  }
  return { passed, stale };
}

import type { Budget } from '../linearizable/budget.ts';
import { numberValues, type Numbering } from '../linearizable/register/clusters.ts';
import { densePositions, type Positions } from '../linearizable/register/positions.ts';
import { READ, REFUSED, SKIP, type RegisterSteps } from '../linearizable/register/steps.ts';
import { NEVER } from '../table/builder.ts';
import { rowsByKey } from '../table/table.ts';

/**
 * # Versions
 *
 * What every key held, one version a write, and who is known to have seen each.
 *
 * ```
 * write 1   |────|
 * read → 1            |────|        first: the end of write 1, from when on it was certainly there
 * read → 1                    |──|  last: the call of this read, when it was still returned
 * ```
 *
 * Where every value of a key was written once, each read tells which version it saw, and what was seen counts for the
 * version: the key is *exact*. Elsewhere only what the writes themselves say is used, and every read is given the benefit
 * of all writes of its value.
 */
export interface Versions {
  readonly steps: RegisterSteps;
  readonly at: Positions;
  /** Versions `begin[k] … begin[k + 1] − 1` are those of key `k − 1`: the initial one, then in order of the calls of their writes. */
  readonly begin: Int32Array;
  readonly count: number;
  readonly exact: Uint8Array;
  /** Of each version: who wrote it ({@link INITIAL} for nobody), and the position of that call, −1 for nobody. */
  readonly writer: Int32Array;
  readonly call: Int32Array;
  /** The first return among its write and the reads that saw it; `NEVER` if there is none. */
  readonly first: Int32Array;
  /** The last call among its write and the reads that saw it. */
  readonly last: Int32Array;
  /** The version that a read of an exact key saw, or −1. */
  readonly seen: Int32Array;
  /** For each read the position at which what it saw had certainly been written; −1 if it was there from the beginning. */
  readonly until: Int32Array;
  /** Reads of what nobody had written by then. No staleness explains them. */
  readonly unexplained: readonly number[];
  readonly reads: number;
}

export const INITIAL = -1;

/** Throws when nothing is left of the budget. */
export function versionsOf(steps: RegisterSteps, budget: Budget): Versions {
  const { length, kind, value, history } = steps;
  const { key } = history;
  const values = numberValues(steps, budget);
  const at = densePositions(history, budget);
  const keys = history.keys.length + 1;
  const begin = new Int32Array(keys + 1);
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if (isWrite(kind[i] as number)) begin[(key[i] as number) + 2]!++;
  }
  for (let k = 0; k < keys; k++) begin[k + 1]! += (begin[k] as number) + 1;
  const count = begin[keys] as number;
  const writer = new Int32Array(count).fill(INITIAL);
  const call = new Int32Array(count).fill(-1);
  const first = new Int32Array(count).fill(-1);
  const last = new Int32Array(count).fill(-1);
  /** The version of each value's number; of a value written more than once, one of them. */
  const versionOf = new Int32Array(values.count).fill(-1);
  const next = begin.slice();
  for (let k = 0; k < keys; k++) versionOf[k] = next[k]!++;
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if (!isWrite(kind[i] as number)) continue;
    const v = next[(key[i] as number) + 1]!++;
    writer[v] = i;
    call[v] = last[v] = at.call[i] as number;
    first[v] = at.return[i] as number;
    versionOf[values.table.find(key[i] as number, value[i] as number)] = v;
  }

  const seen = new Int32Array(length).fill(-1);
  const unexplained: number[] = [];
  let reads = 0;
  for (let i = 0; i < length; i++) {
    if (kind[i] !== READ) continue;
    budget.pass(i);
    reads++;
    const k = (key[i] as number) + 1;
    if (!values.distinct[k]) continue;
    const c = values.table.find(k - 1, value[i] as number);
    const v = c < 0 ? -1 : (versionOf[c] as number);
    if (v < 0 || (call[v] as number) > (at.return[i] as number)) {
      unexplained.push(i);
      continue;
    }
    seen[i] = v;
    if ((at.return[i] as number) < (first[v] as number)) first[v] = at.return[i] as number;
    if ((at.call[i] as number) > (last[v] as number)) last[v] = at.call[i] as number;
  }
  const until = new Int32Array(length).fill(NEVER);
  for (let i = 0; i < length; i++)
    if ((seen[i] as number) >= 0) until[i] = first[seen[i] as number] as number;

  const versions = {
    steps,
    at,
    begin,
    count,
    exact: values.distinct,
    writer,
    call,
    first,
    last,
    seen,
    until,
    unexplained,
    reads,
  };
  if (versions.exact.includes(0)) untilRepeated(versions, values, budget);
  return versions;
}

/** Fills in `until` where values repeat: the last return among the writes of the value that had been called by then. */
function untilRepeated(
  { steps: { kind, value, history }, at, exact, until, unexplained }: Versions & { unexplained: number[] },
  { table, count }: Numbering,
  budget: Budget,
): void {
  const lastReturn = new Int32Array(count).fill(NEVER_CALLED);
  lastReturn.fill(-1, 0, exact.length);
  let looked = 0;
  for (const { key, rows } of rowsByKey(history)) {
    if (exact[key + 1]) continue;
    // Rows are in order of call; reads are asked in order of return.
    const reads = rows
      .filter((row) => kind[row] === READ)
      .sort((a, b) => (at.return[a] as number) - (at.return[b] as number));
    const writes = rows.filter((row) => isWrite(kind[row] as number));
    let w = 0;
    for (const row of reads) {
      budget.pass(looked++);
      for (
        ;
        w < writes.length && (at.call[writes[w] as number] as number) < (at.return[row] as number);
        w++
      ) {
        const c = table.find(key, value[writes[w] as number] as number);
        lastReturn[c] = Math.max(lastReturn[c] as number, at.return[writes[w] as number] as number);
      }
      const c = table.find(key, value[row] as number);
      if (c < 0 || lastReturn[c] === NEVER_CALLED) unexplained.push(row);
      else until[row] = lastReturn[c] as number;
    }
  }
}

const NEVER_CALLED = -2;

function isWrite(kind: number): boolean {
  return kind !== SKIP && kind !== READ && kind !== REFUSED;
}

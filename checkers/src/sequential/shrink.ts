import { INITIAL, OPEN, READ, UNREAD, WRITE } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import { TransactionsBuilder } from '../transactions/builder.ts';

/** Shrinking a longer history takes longer than finding out that it is wrong. */
const SHRUNK_MAX = 400;

/**
 * The fewest operations that are wrong on their own: leaves out some, by halves, then by smaller pieces, then one by one
 * (delta debugging, Zeller & Hildebrandt 2002). A read needs everything that may have written what it saw; with one of
 * those it goes as well, so that a legal whole never has an illegal part.
 */
export function shrink(
  txns: Transactions,
  isWrong: (part: Transactions) => boolean,
  outOfTime: () => boolean,
): readonly number[] {
  let members = Array.from({ length: txns.length }, (_, t) => t);
  if (members.length > SHRUNK_MAX) return members;
  for (let pieces = 2; members.length > 1;) {
    const size = Math.ceil(members.length / pieces);
    let smaller: number[] | undefined;
    for (let at = 0; at < members.length && !smaller; at += size) {
      if (outOfTime()) return members;
      const kept = closed(txns, [...members.slice(0, at), ...members.slice(at + size)]);
      if (kept.length > 0 && isWrong(select(txns, kept))) smaller = kept;
    }
    if (smaller) {
      members = smaller;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) return members;
    else pieces = Math.min(members.length, pieces * 2);
  }
  return members;
}

/** Without the reads that lack somebody who may have written what they saw, and whoever falls with them. */
function closed(txns: Transactions, members: readonly number[]): number[] {
  const writers = new Map<number, number[]>();
  forEachStep(
    txns,
    Array.from({ length: txns.length }, (_, t) => t),
    (t, m) => {
      if (txns.kind[m] !== WRITE) return;
      const v = txns.value[m] as number;
      writers.set(v, [...(writers.get(v) ?? []), t]);
    },
  );
  let kept = new Set(members);
  for (let size = -1; size !== kept.size;) {
    size = kept.size;
    const falls = new Set<number>();
    forEachStep(txns, [...kept], (t, m) => {
      const v = txns.value[m] as number;
      if (txns.kind[m] === READ && v !== INITIAL && (writers.get(v) ?? []).some((w) => !kept.has(w)))
        falls.add(t);
    });
    kept = new Set([...kept].filter((t) => !falls.has(t)));
  }
  return [...kept].toSorted((a, b) => a - b);
}

function forEachStep(
  txns: Transactions,
  members: readonly number[],
  see: (t: number, m: number) => void,
): void {
  for (const t of members)
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) see(t, m);
}

/** Some of the operations, as they were. */
function select(txns: Transactions, members: readonly number[]): Transactions {
  const builder = new TransactionsBuilder();
  for (const t of members) {
    const returned = txns.return[t] as number;
    builder.begin(
      txns.operation[t] as number,
      txns.processes[txns.process[t] as number] as number,
      txns.outcome[t] as number,
      ...(txns.timed ? [txns.call[t] as number, returned === OPEN ? undefined : returned] : []),
    );
    forEachStep(txns, [t], (_, m) => {
      const key = txns.keys[txns.key[m] as number] as string | number;
      const v = txns.value[m] as number;
      if (txns.kind[m] === WRITE) builder.write(key, txns.versionValue[v]);
      else if (txns.kind[m] === UNREAD) builder.unread(key);
      else builder.read(key, v === INITIAL ? null : txns.versionValue[v]);
    });
  }
  return builder.finish();
}

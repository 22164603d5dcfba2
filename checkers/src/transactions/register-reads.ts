import { FAIL, INFO, INITIAL, OK, READ, UNREAD, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Findings } from './findings.ts';
import type { Limits } from './limits.ts';
import type { Writers } from './writers.ts';
import { keyName, nameOf, valueName } from './words.ts';

/** Whom each read of a register read from. With unique values this is no inference: the value tells. */
export interface RegisterReads {
  /**
   * For each micro-operation the transaction whose write it returned, {@link NOBODY} for the initial value, or
   * {@link OWN} where it says nothing about others: no read at all, or of what it had itself written or read before.
   */
  readonly source: Int32Array;
  /** Reads that returned something else than the one before in the same transaction, which only read committed allows. */
  readonly again: readonly number[];
  /** 1 for transactions that took effect: those that said so, and those whose writes were seen. */
  readonly happened: Uint8Array;
  readonly reads: number;
  /** Reads whose value several transactions wrote, so that nobody can tell whose was read. */
  readonly ambiguous: number;
}

export const NOBODY = -1;
export const OWN = -2;

export function registerReads(
  txns: Transactions,
  writers: Writers,
  findings: Findings,
  limits: Limits,
): RegisterReads {
  const { length, start, kind, key, value, outcome } = txns;
  const source = limits.int32(kind.length).fill(OWN);
  const happened = limits.uint8(length);
  const touched = limits.int32(txns.keys.length).fill(-1);
  let reads = 0;
  const again: number[] = [];
  let ambiguous = 0;
  for (let t = 0; t < length; t++) {
    limits.step((start[t + 1] as number) - (start[t] as number));
    if (outcome[t] !== OK) continue;
    happened[t] = 1;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const k = key[m] as number;
      // A read whose answer nobody knows is none.
      if (kind[m] === UNREAD) continue;
      const before = touched[k] as number;
      touched[k] = m;
      if (kind[m] !== READ) continue;
      reads++;
      const external = before < (start[t] as number);
      // Another answer than a moment ago is somebody else's, too: nothing below snapshots forbids it.
      const later = !external && kind[before] === READ && value[before] !== value[m];
      if (!external && !later) continue;
      const v = value[m] as number;
      const writer = sourceOf(txns, writers, m);
      if (v !== INITIAL && writer < 0) thinAir(txns, t, m, findings);
      else if (writer >= 0 && outcome[writer] === FAIL) aborted(txns, t, m, writer, findings);
      // Also where the transaction wrote it itself: another's may be the one that it read, as by a compare-and-set of 2 by 2.
      else if (writer >= 0 && writers.ambiguous[v]) ambiguous++;
      else if (writer === t) future(txns, t, m, findings);
      else {
        if (later) again.push(m);
        else source[m] = writer;
        if (writer >= 0 && !writers.final[v]) intermediate(txns, t, m, writer, findings);
        if (writer >= 0 && outcome[writer] === INFO) happened[writer] = 1;
      }
    }
  }
  return { source, again, happened, reads, ambiguous };
}

/** Who wrote what a read returned; {@link NOBODY} for the initial value. */
export function sourceOf(txns: Transactions, writers: Writers, m: number): number {
  const v = txns.value[m] as number;
  return v === INITIAL ? NOBODY : (writers.of[v] as number);
}

/** Whether the transaction wrote the register; what micro-operation did it last, or −1. */
export function lastWriteTo(txns: Transactions, t: number, key: number): number {
  for (let m = (txns.start[t + 1] as number) - 1; m >= (txns.start[t] as number); m--)
    if (txns.key[m] === key && txns.kind[m] === WRITE) return m;
  return -1;
}

function thinAir(txns: Transactions, t: number, m: number, findings: Findings): void {
  const k = txns.key[m] as number;
  findings.add(
    { kind: 'thin-air read', class: 'dirty write', key: k, transactions: [t] },
    () =>
      `${nameOf(txns, t)} read ${valueName(txns, txns.value[m] as number)} from ${keyName(txns, k)}, which nobody ever wrote.`,
  );
}

function aborted(txns: Transactions, t: number, m: number, writer: number, findings: Findings): void {
  const k = txns.key[m] as number;
  findings.add(
    { kind: 'G1a', class: 'dirty read', key: k, transactions: [t, writer] },
    () =>
      `${nameOf(txns, t)} read ${valueName(txns, txns.value[m] as number)} from ${keyName(txns, k)}, which ${nameOf(txns, writer)} wrote before it failed.`,
  );
}

function intermediate(txns: Transactions, t: number, m: number, writer: number, findings: Findings): void {
  const k = txns.key[m] as number;
  findings.add(
    { kind: 'G1b', class: 'dirty read', key: k, transactions: [t, writer] },
    () =>
      `${nameOf(txns, t)} read ${valueName(txns, txns.value[m] as number)} from ${keyName(txns, k)}, which ${nameOf(txns, writer)} itself overwrote.`,
  );
}

function future(txns: Transactions, t: number, m: number, findings: Findings): void {
  const k = txns.key[m] as number;
  findings.add(
    { kind: 'internal', class: 'dirty write', key: k, transactions: [t] },
    () =>
      `${nameOf(txns, t)} read ${valueName(txns, txns.value[m] as number)} from ${keyName(txns, k)} before it wrote it itself.`,
  );
}

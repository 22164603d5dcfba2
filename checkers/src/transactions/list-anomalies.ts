import { APPEND, FAIL, LIST, OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Limits } from './limits.ts';
import { isPrefix } from './list-order.ts';
import type { ListOrder } from './list-order.ts';
import { sizeWithoutOwn } from './list-edges.ts';
import type { Findings } from './findings.ts';
import type { Writers } from './writers.ts';
import { keyName, listName, nameOf, valueName } from './words.ts';

/** Everything that list reads show to be wrong before anybody looks for cycles. */
export function listAnomalies(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  findings: Findings,
  limits: Limits,
): void {
  limits.hold(4 * (3 * txns.versions + 4 * txns.keys.length));
  const firstBad = spineAnomalies(txns, writers, order, findings, limits);
  readAnomalies(txns, writers, order, firstBad, findings, limits);
  impossibleLists(txns, writers, order, findings, limits);
  lostUpdates(txns, writers, order, findings, limits);
}

/**
 * What one transaction appended must be in every list once, in the order it appended it, without gaps at the front. No
 * version of a list was ever otherwise, committed or not, so that the longest is right does not excuse another.
 */
function impossibleLists(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  findings: Findings,
  limits: Limits,
): void {
  const { start, kind, key, value, size, elements } = txns;
  const before = appendedBefore(txns, writers, limits);
  /** In which of the lists looked at a version was met last. */
  const met = new Int32Array(txns.versions);
  let list = 0;
  const look = (reader: number, k: number, at: number, length: number): void => {
    limits.step(1 + length);
    list++;
    for (let i = 0; i < length; i++) {
      const v = elements[at + i] as number;
      const again = met[v] === list;
      met[v] = list;
      const earlier = before[v] as number;
      const isRight = !again && (earlier === -1 || met[earlier] === list);
      if (isRight || writers.ambiguous[v]) continue;
      const found = { key: k, transactions: pair(reader, writers.of[v] as number) };
      if (again)
        findings.add(
          { kind: 'duplicate elements', class: 'dirty write', ...found },
          () =>
            `${nameOf(txns, reader)} read ${valueName(txns, v)} in ${keyName(txns, k)} more than once, at places ${elements.subarray(at, at + i).indexOf(v)} and ${i}, and it was appended at most once.`,
        );
      else
        findings.add(
          { kind: 'incompatible order', class: 'dirty write', ...found },
          () =>
            `${nameOf(txns, writers.of[v] as number)} appended ${valueName(txns, earlier)} and then ${valueName(txns, v)} to ${keyName(txns, k)}, but ${nameOf(txns, reader)} read ${elements.subarray(at + i, at + length).includes(earlier) ? 'them the other way round' : 'only the second'}.`,
        );
    }
  };
  for (let k = 0; k < order.size.length; k++)
    look(order.reader[k] as number, k, order.at[k] as number, order.size[k] as number);
  for (let t = 0; t < txns.length; t++) {
    limits.step(1 + (start[t + 1] as number) - (start[t] as number));
    for (let m = start[t] as number; m < (start[t + 1] as number); m++)
      // A beginning of the longest list is as right as that is.
      if (kind[m] === LIST && !isPrefix(txns, order, m))
        look(t, key[m] as number, value[m] as number, size[m] as number);
  }
}

/** For each version what its transaction appended to its key just before; −1 for the first, and where writers are not certain. */
function appendedBefore(txns: Transactions, writers: Writers, limits: Limits): Int32Array {
  const { start, kind, key, value } = txns;
  const before = new Int32Array(txns.versions).fill(-1);
  const last = new Int32Array(txns.keys.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    limits.step(1 + (start[t + 1] as number) - (start[t] as number));
    if (txns.outcome[t] === FAIL) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      const v = value[m] as number;
      if (kind[m] !== APPEND || writers.of[v] !== t || writers.ambiguous[v]) continue;
      const k = key[m] as number;
      const earlier = last[k] as number;
      last[k] = m;
      if (earlier >= (start[t] as number)) before[v] = value[earlier] as number;
    }
  }
  return before;
}

/** Walks each key's longest list once. Returns for each key how long a read may be before it holds a failed append. */
function spineAnomalies(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  findings: Findings,
  limits: Limits,
): Int32Array {
  const firstBad = new Int32Array(order.size.length).fill(-1);
  for (let k = 0; k < order.size.length; k++) {
    limits.step(1 + (order.size[k] as number));
    const reader = order.reader[k] as number;
    let failed = -1;
    for (let i = 0; i < (order.size[k] as number); i++) {
      const v = txns.elements[(order.at[k] as number) + i] as number;
      const writer = writers.of[v] as number;
      if (writer >= 0 && txns.outcome[writer] === FAIL) {
        if (firstBad[k] === -1) firstBad[k] = i;
        failed = v;
      } else if (failed >= 0 && writer >= 0 && order.happened[writer]) {
        const aborted = writers.of[failed] as number;
        const over = failed;
        findings.add(
          { kind: 'dirty update', class: 'dirty read', key: k, transactions: [aborted, writer, reader] },
          () =>
            `${nameOf(txns, writer)} appended ${valueName(txns, v)} to ${keyName(txns, k)} on top of ${valueName(txns, over)}, which ${nameOf(txns, aborted)} appended and then failed, as ${nameOf(txns, reader)} shows.`,
        );
        failed = -1;
      }
    }
  }
  return firstBad;
}

function pair(a: number, b: number): number[] {
  return b >= 0 && b !== a ? [a, b] : [a];
}

function readAnomalies(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  firstBad: Int32Array,
  findings: Findings,
  limits: Limits,
): void {
  const { length, start, kind, key, value, size, elements } = txns;
  for (let t = 0; t < length; t++) {
    limits.step(4);
    if (txns.outcome[t] !== OK) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== LIST || size[m] === 0) continue;
      const k = key[m] as number;
      const prefix = isPrefix(txns, order, m);
      if (!prefix) incompatible(txns, order, t, m, findings);
      if (!prefix || ((firstBad[k] as number) >= 0 && (size[m] as number) > (firstBad[k] as number)))
        abortedRead(txns, writers, t, m, findings);
      unwritten(txns, writers, order, t, m, prefix, findings);
      const known = sizeWithoutOwn(txns, writers, m, t);
      if (known === 0) continue;
      const last = elements[(value[m] as number) + known - 1] as number;
      const writer = writers.of[last] as number;
      if (writer < 0 || writer === t || writers.final[last] || writers.ambiguous[last]) continue;
      if (txns.outcome[writer] === FAIL) continue;
      findings.add(
        { kind: 'G1b', class: 'dirty read', key: k, transactions: [t, writer] },
        () =>
          `${nameOf(txns, t)} read ${keyName(txns, k)} as ${listName(txns, m)}, a state in the middle of ${nameOf(txns, writer)}, which appended more after ${valueName(txns, last)}.`,
      );
    }
  }
}

function incompatible(txns: Transactions, order: ListOrder, t: number, m: number, findings: Findings): void {
  const k = txns.key[m] as number;
  const reader = order.reader[k] as number;
  const longest = { ...txns, value: order.at, size: order.size };
  findings.add(
    { kind: 'incompatible order', class: 'dirty read', key: k, transactions: pair(t, reader) },
    () =>
      `${nameOf(txns, t)} read ${keyName(txns, k)} as ${listName(txns, m)}, which is no beginning of ${listName(longest, k)}, as ${nameOf(txns, reader)} read it: no one order of appends gives both.`,
  );
}

function abortedRead(txns: Transactions, writers: Writers, t: number, m: number, findings: Findings): void {
  for (let i = 0; i < (txns.size[m] as number); i++) {
    const v = txns.elements[(txns.value[m] as number) + i] as number;
    const writer = writers.of[v] as number;
    if (writer < 0 || txns.outcome[writer] !== FAIL) continue;
    const k = txns.key[m] as number;
    findings.add(
      { kind: 'G1a', class: 'dirty read', key: k, transactions: [t, writer] },
      () =>
        `${nameOf(txns, t)} read ${valueName(txns, v)} in ${keyName(txns, k)}, which ${nameOf(txns, writer)} appended before it failed.`,
    );
    return;
  }
}

/** Elements that nobody appended. Those of prefixes are told once, by the longest list. */
function unwritten(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  t: number,
  m: number,
  prefix: boolean,
  findings: Findings,
): void {
  const k = txns.key[m] as number;
  if (prefix && order.reader[k] !== t) return;
  for (let i = 0; i < (txns.size[m] as number); i++) {
    const v = txns.elements[(txns.value[m] as number) + i] as number;
    if (writers.of[v] !== -1) continue;
    findings.add(
      { kind: 'thin-air read', class: 'dirty write', key: k, transactions: [t] },
      () =>
        `${nameOf(txns, t)} read ${valueName(txns, v)} in ${keyName(txns, k)}, which nobody ever appended.`,
    );
    return;
  }
}

/** Two transactions that read the same state of a key and both appended to it: one did not know of the other. */
function lostUpdates(
  txns: Transactions,
  writers: Writers,
  order: ListOrder,
  findings: Findings,
  limits: Limits,
): void {
  const { length, start, kind, key } = txns;
  /** For each state of each key (its last element, or the empty list) who read it and then wrote. */
  const updater = new Int32Array(txns.versions).fill(-1);
  const firstUpdater = new Int32Array(txns.keys.length).fill(-1);
  for (let t = 0; t < length; t++) {
    limits.step(4);
    if (txns.outcome[t] !== OK) continue;
    for (let m = start[t] as number; m < (start[t + 1] as number); m++) {
      if (kind[m] !== LIST || !appendsAfter(txns, t, m) || !isPrefix(txns, order, m)) continue;
      const k = key[m] as number;
      const known = sizeWithoutOwn(txns, writers, m, t);
      const state = known === 0 ? -1 : (txns.elements[(txns.value[m] as number) + known - 1] as number);
      const other = state === -1 ? (firstUpdater[k] as number) : (updater[state] as number);
      if (state === -1) firstUpdater[k] = t;
      else updater[state] = t;
      if (other === -1 || other === t) continue;
      findings.add(
        { kind: 'lost update', class: 'single', key: k, transactions: [other, t] },
        () =>
          `${nameOf(txns, other)} and ${nameOf(txns, t)} both read ${keyName(txns, k)} ${state === -1 ? 'while it was empty' : `when its last element was ${valueName(txns, state)}`}, and both appended to it: neither saw the other.`,
      );
    }
  }
}

function appendsAfter(txns: Transactions, t: number, m: number): boolean {
  for (let i = m + 1; i < (txns.start[t + 1] as number); i++)
    if (txns.kind[i] === APPEND && txns.key[i] === txns.key[m]) return true;
  return false;
}

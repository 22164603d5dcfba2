import { APPEND, LIST, OK, READ, UNREAD, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { Findings } from './findings.ts';
import type { Class } from './levels.ts';
import type { Limits } from './limits.ts';
import { describe, keyName, listName, nameOf, valueName } from './words.ts';

/**
 * Transactions whose reads disagree with their own earlier reads and writes, whatever everybody else did. Not seeing
 * one's own write breaks every level; a read that changed under way breaks those that read a snapshot.
 * Linear but for the steps of one transaction on one key.
 */
export function internalAnomalies(txns: Transactions, findings: Findings, limits: Limits): void {
  const last = limits.int32(txns.keys.length).fill(-1);
  for (let t = 0; t < txns.length; t++) {
    limits.step((txns.start[t + 1] as number) - (txns.start[t] as number));
    if (txns.outcome[t] !== OK) continue;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const k = txns.key[m] as number;
      const kind = txns.kind[m];
      if (kind === UNREAD) continue;
      const before = last[k] as number;
      // A read of one's own write says no more than the write.
      if (kind !== READ || before < (txns.start[t] as number) || txns.value[before] !== txns.value[m])
        last[k] = m;
      const wrong =
        kind === LIST
          ? wrongList(txns, t, m, before)
          : kind === READ && before >= (txns.start[t] as number)
            ? wrongRegister(txns, m, before)
            : undefined;
      if (!wrong) continue;
      findings.add(
        { kind: 'internal', class: wrong.class, key: k, transactions: [t] },
        () =>
          `${nameOf(txns, t)} contradicts itself on ${keyName(txns, k)}: ${wrong.why}. ${describe(txns, t)}.`,
      );
    }
  }
}

type Wrong = { readonly class: Class; readonly why: string } | undefined;

/** `before` is the last step on the same register in the same transaction. */
function wrongRegister(txns: Transactions, m: number, before: number): Wrong {
  if (txns.value[before] === txns.value[m]) return undefined;
  const now = valueName(txns, txns.value[m] as number);
  const then = valueName(txns, txns.value[before] as number);
  return txns.kind[before] === WRITE
    ? { class: 'dirty write', why: `it wrote ${then} and then read ${now}` }
    : { class: 'single', why: `it read ${then} and, without writing, later ${now}` };
}

function wrongList(txns: Transactions, t: number, m: number, before: number): Wrong {
  const { start, kind, key, value, size, elements } = txns;
  const at = value[m] as number;
  const own: number[] = [];
  let known = -1;
  let since = 0;
  for (let i = before < (start[t] as number) ? m : (start[t] as number); i < m; i++) {
    if (key[i] !== key[m]) continue;
    if (kind[i] === APPEND) {
      own.push(value[i] as number);
      since++;
    } else if (kind[i] === LIST) {
      known = i;
      since = 0;
    }
  }
  // Whatever it appended comes last, for as long as it lasts.
  const first = (size[m] as number) - own.length;
  for (let i = 0; i < own.length; i++)
    if (elements[at + first + i] !== own[i] || first < 0)
      return {
        class: 'dirty write',
        why: `it appended ${valueName(txns, own[i] as number)} and then read ${listName(txns, m)}`,
      };
  // Before what reads of snapshots forbid: this, no level allows.
  const future = ownLater(txns, t, m);
  if (future !== undefined)
    return {
      class: 'dirty write',
      why: `it read ${listName(txns, m)} before it appended ${valueName(txns, future)}`,
    };
  const others = (size[m] as number) - since;
  if (known >= 0 && (others !== size[known] || !same(txns, value[known] as number, at, others)))
    return {
      class: 'single',
      why: `it read ${listName(txns, known)}, and later, not by its own doing, ${listName(txns, m)}`,
    };
  return undefined;
}

function same(txns: Transactions, a: number, b: number, size: number): boolean {
  if (a === b) return true;
  for (let i = 0; i < size; i++) if (txns.elements[a + i] !== txns.elements[b + i]) return false;
  return true;
}

/** The last element of a read, when the transaction appends it only later. */
function ownLater(txns: Transactions, t: number, m: number): number | undefined {
  if (txns.size[m] === 0) return undefined;
  const lastElement = txns.elements[(txns.value[m] as number) + (txns.size[m] as number) - 1];
  for (let i = m + 1; i < (txns.start[t + 1] as number); i++)
    if (txns.kind[i] === APPEND && txns.value[i] === lastElement) return lastElement;
  return undefined;
}

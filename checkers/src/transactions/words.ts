import { APPEND, INITIAL, LIST, OK, READ, UNREAD, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';

/** A transaction's name in explanations: T and the id of its operation. */
export function nameOf(txns: Transactions, t: number): string {
  return `T${txns.operation[t]}`;
}

export function keyName(txns: Transactions, k: number): string {
  return String(txns.keys[k]);
}

/** A version's value, as JSON. */
export function valueName(txns: Transactions, version: number): string {
  return version === INITIAL ? 'nothing' : (JSON.stringify(txns.versionValue[version]) ?? 'nothing');
}

/** What a list read returned, shortened in the middle when it is long. */
export function listName(txns: Transactions, m: number): string {
  const at = txns.value[m] as number;
  const names = Array.from(txns.elements.subarray(at, at + (txns.size[m] as number)), (v) =>
    valueName(txns, v),
  );
  return names.length <= 12
    ? `[${names.join(' ')}]`
    : `[${names.slice(0, 4).join(' ')} … ${names.slice(-6).join(' ')}]`;
}

/** Transactions one after another; of long ones only the steps on keys that others of them touch as well. */
export function describeAll(txns: Transactions, members: readonly number[]): string {
  const touching = new Map<number, number>();
  for (const t of members) for (const k of keysOf(txns, t)) touching.set(k, (touching.get(k) ?? 0) + 1);
  const shared = (k: number): boolean => (touching.get(k) as number) > 1;
  return members.map((t) => describe(txns, t, shared)).join('; ');
}

function keysOf(txns: Transactions, t: number): ReadonlySet<number> {
  return new Set(txns.key.subarray(txns.start[t], txns.start[t + 1]));
}

/** More steps than this are not all told. */
const STEPS_MAX = 6;

/** A whole transaction: `T3: append x 4, read y → [1 2]`. */
export function describe(
  txns: Transactions,
  t: number,
  matters: (key: number) => boolean = () => true,
): string {
  const steps: string[] = [];
  const from = txns.start[t] as number;
  const to = txns.start[t + 1] as number;
  for (let m = from; m < to; m++)
    if (to - from <= STEPS_MAX || matters(txns.key[m] as number)) steps.push(stepName(txns, m));
  if (steps.length < to - from) steps.push('…');
  const ending = txns.outcome[t] === OK ? '' : txns.outcome[t] === 1 ? ' (failed)' : ' (outcome unknown)';
  return `${nameOf(txns, t)}: ${steps.join(', ')}${ending}`;
}

function stepName(txns: Transactions, m: number): string {
  const key = keyName(txns, txns.key[m] as number);
  switch (txns.kind[m] as number) {
    case APPEND:
      return `append ${key} ${valueName(txns, txns.value[m] as number)}`;
    case WRITE:
      return `write ${key} ${valueName(txns, txns.value[m] as number)}`;
    case READ:
      return `read ${key} → ${valueName(txns, txns.value[m] as number)}`;
    case LIST:
      return `read ${key} → ${listName(txns, m)}`;
    case UNREAD:
      return `read ${key}`;
    default:
      throw new Error(`no such kind of micro-operation: ${txns.kind[m]}`);
  }
}

import type { Precedence } from '../checker.ts';
import { APPEND, INITIAL, LIST, READ, WRITE } from './columns.ts';
import type { Transactions } from './columns.ts';
import type { CycleAnomaly, Step } from './cycles.ts';
import { RT, RW, SO, WR, WW } from './graph.ts';
import type { ListOrder } from './list-order.ts';
import type { Writers } from './writers.ts';
import { describeAll, keyName, listName, nameOf, valueName } from './words.ts';

/** The transactions of a cycle, each edge with its reason, and why together they are impossible. */
export function explainCycle(
  txns: Transactions,
  anomaly: CycleAnomaly,
  because: (step: Step) => string,
): string {
  const { steps } = anomaly;
  const members = describeAll(
    txns,
    steps.map((step) => step.from),
  );
  const reasons = steps.map((step) => `${because(step)} (${labelName(step.label)})`);
  const circle = [
    ...steps.map((step) => nameOf(txns, step.from)),
    nameOf(txns, (steps[0] as Step).from),
  ].join(' < ');
  return `${members}. ${reasons.join('; ')}. So ${circle}: each must come before itself.`;
}

/** The same as data, for those who draw it. */
export function precedences(
  txns: Transactions,
  { steps }: CycleAnomaly,
  because: (step: Step) => string,
): Precedence[] {
  return steps.map((step) => ({
    from: txns.operation[step.from] as number,
    to: txns.operation[step.to] as number,
    kind: labelName(step.label),
    because: because(step),
  }));
}

function labelName(label: number): string {
  switch (label) {
    case WW:
      return 'ww';
    case WR:
      return 'wr';
    case RW:
      return 'rw';
    case SO:
      return 'session';
    default:
      return 'real time';
  }
}

/** Reasons that need no order of versions: who wrote what was read, sessions, real time. */
function plainReason(txns: Transactions, step: Step): string | undefined {
  const from = nameOf(txns, step.from);
  const to = nameOf(txns, step.to);
  if (step.label === SO)
    return `${from} came before ${to}, both of client ${txns.processes[txns.process[step.from] as number]}`;
  if (step.label === RT)
    return `${from} had returned (event ${txns.return[step.from]}) before ${to} was called (event ${txns.call[step.to]})`;
  return undefined;
}

/** Why one list-append transaction must precede another, in words. */
export function listReason(txns: Transactions, writers: Writers, order: ListOrder, step: Step): string {
  return (
    plainReason(txns, step) ??
    (step.label === WR
      ? listRead(txns, writers, step)
      : step.label === WW
        ? listAppend(txns, order, step)
        : listMissed(txns, order.place, step))
  );
}

function listRead(txns: Transactions, writers: Writers, { from, to }: Step): string {
  for (let m = txns.start[to] as number; m < (txns.start[to + 1] as number); m++) {
    if (txns.kind[m] !== LIST) continue;
    for (let i = (txns.size[m] as number) - 1; i >= 0; i--) {
      const v = txns.elements[(txns.value[m] as number) + i] as number;
      if (writers.of[v] !== from) continue;
      return `${nameOf(txns, to)} read ${keyName(txns, txns.key[m] as number)} with ${valueName(txns, v)}, which ${nameOf(txns, from)} appended`;
    }
  }
  return `${nameOf(txns, to)} read what ${nameOf(txns, from)} wrote`;
}

function listAppend(txns: Transactions, order: ListOrder, step: Step): string {
  const found = appendsInOrder(txns, order.place, step);
  if (!found) return `${nameOf(txns, step.from)} wrote before ${nameOf(txns, step.to)}`;
  const k = txns.key[found.first] as number;
  const reader = nameOf(txns, order.reader[k] as number);
  const second = txns.value[found.second] as number;
  const how = order.place[second] === -1 ? `which ${reader} did not see yet` : `as ${reader} read`;
  return `${nameOf(txns, step.from)} appended ${valueName(txns, txns.value[found.first] as number)} to ${keyName(txns, k)} before ${nameOf(txns, step.to)} appended ${valueName(txns, second)}, ${how}`;
}

/** Two appends, one of each transaction, that lists show to be in this order. */
function appendsInOrder(
  txns: Transactions,
  place: Int32Array,
  { from, to }: Step,
): { readonly first: number; readonly second: number } | undefined {
  for (let first = txns.start[from] as number; first < (txns.start[from + 1] as number); first++) {
    if (txns.kind[first] !== APPEND) continue;
    const before = place[txns.value[first] as number] as number;
    if (before < 0) continue;
    for (let second = txns.start[to] as number; second < (txns.start[to + 1] as number); second++) {
      if (txns.kind[second] !== APPEND || txns.key[second] !== txns.key[first]) continue;
      const after = place[txns.value[second] as number] as number;
      if (after === -1 || after > before) return { first, second };
    }
  }
  return undefined;
}

/**
 * Who else must be shown for a cycle to be a proof: the order of two appends is known only from somebody who
 * read both (or read one and not the other), and that may be nobody on the cycle.
 */
export function witnessesOf(txns: Transactions, order: ListOrder, steps: readonly Step[]): number[] {
  const witnesses = new Set<number>();
  for (const step of steps) {
    if (step.label !== WW) continue;
    const found = appendsInOrder(txns, order.place, step);
    if (found) witnesses.add(order.reader[txns.key[found.first] as number] as number);
  }
  for (const { from } of steps) witnesses.delete(from);
  return [...witnesses];
}

function listMissed(txns: Transactions, place: Int32Array, { from, to }: Step): string {
  for (let a = txns.start[from] as number; a < (txns.start[from + 1] as number); a++) {
    if (txns.kind[a] !== LIST) continue;
    for (let b = txns.start[to] as number; b < (txns.start[to + 1] as number); b++) {
      if (txns.kind[b] !== APPEND || txns.key[b] !== txns.key[a]) continue;
      const at = place[txns.value[b] as number] as number;
      if (at !== -1 && at < (txns.size[a] as number)) continue;
      return `${nameOf(txns, from)} read ${keyName(txns, txns.key[a] as number)} as ${listName(txns, a)}, without the ${valueName(txns, txns.value[b] as number)} that ${nameOf(txns, to)} appended`;
    }
  }
  return `${nameOf(txns, from)} did not see what ${nameOf(txns, to)} wrote`;
}

/** Why one register transaction must precede another, in words. */
export function registerReason(txns: Transactions, writers: Writers, step: Step): string {
  const plain = plainReason(txns, step);
  if (plain !== undefined) return plain;
  const { from, to, label } = step;
  for (let b = txns.start[to] as number; b < (txns.start[to + 1] as number); b++) {
    const k = txns.key[b] as number;
    for (let a = txns.start[from] as number; a < (txns.start[from + 1] as number); a++) {
      if (txns.key[a] !== k) continue;
      const key = keyName(txns, k);
      const value = valueName(txns, txns.value[a] as number);
      if (label === WR && txns.kind[a] === WRITE && txns.kind[b] === READ && txns.value[a] === txns.value[b])
        return `${nameOf(txns, to)} read ${key} as ${value}, which ${nameOf(txns, from)} wrote`;
      if (label === WW && txns.kind[a] === WRITE && txns.kind[b] === WRITE)
        return `${nameOf(txns, from)} wrote ${value} to ${key} before ${nameOf(txns, to)} wrote ${valueName(txns, txns.value[b] as number)}`;
      if (
        label === RW &&
        txns.kind[a] === READ &&
        txns.kind[b] === WRITE &&
        writerOf(txns, writers, a) !== to
      )
        return `${nameOf(txns, from)} read ${key} as ${value}, before ${nameOf(txns, to)} wrote ${valueName(txns, txns.value[b] as number)}`;
    }
  }
  return `${nameOf(txns, from)} comes before ${nameOf(txns, to)}`;
}

function writerOf(txns: Transactions, writers: Writers, m: number): number {
  const v = txns.value[m] as number;
  return v === INITIAL ? -1 : (writers.of[v] as number);
}

import { grouped } from '../../grouped.ts';
import { NEVER } from '../../table/builder.ts';
import type { Budget } from '../budget.ts';
import { clusters, INITIAL, observers, withWriters, type ClusterFault, type Clusters } from './clusters.ts';
import { densePositions, type Positions } from './positions.ts';
import { placeRefused } from './refused.ts';
import { READ, REFUSED, type RegisterSteps } from './steps.ts';

/**
 * # Zones
 *
 * Gibbons and Korach (Testing Shared Memories, 1997): when each value is written once, a register is
 * linearizable exactly if its clusters can be put one after the other. A cluster has to come before another
 * when one of its operations returns before one of the other's is called, so all that matters of a cluster is
 * its first return and its last call. Two clusters that each have to come before the other are a violation,
 * and there is no other kind.
 *
 * ```
 * forward zone    first return < last call   the value is certainly there in between
 *   |─ write 1 ─|░░░░░░░░░░░░|─ read 1 ─|
 * backward zone   last call < first return   one moment in between is enough
 *        |─────── write 2 ───────|
 *            |── read 2 ──|
 *                ▒▒▒▒▒
 * ```
 *
 * So forward zones must not overlap, and no backward zone may lie inside a forward one. Positions of events
 * are small integers, so the zones are put in order by laying each at its beginning: the whole is linear.
 *
 * A compare-and-set that swapped ends one cluster and begins the next, so clusters connected by such swaps
 * form a *block*, whose inner order is known; blocks are then compared as clusters are. A swap of unknown
 * outcome counts as one exactly when what it wrote was seen. A refused compare-and-set is placed into the order
 * that was found; should that fail nothing is proved, and the key is left to the search.
 */
export interface Zones {
  /** For each key, at key + 1. */
  readonly answers: Uint8Array;
  readonly faults: ReadonlyMap<number, ClusterFault>;
  /** Operations that show a key's fault; and whether they are all that is needed, being closed. */
  evidence(key: number): { readonly rows: readonly number[]; readonly closed: boolean };
  /** The operations of all keys that are linearizable, each key's in its order. */
  order(): Map<number, number[]>;
}

/** Not every value was written once, or the refused compare-and-sets found no place: ask somebody else. */
export const UNDECIDED = 0;
export const HOLDS = 1;
export const BROKEN = 2;

export function zones(steps: RegisterSteps, budget: Budget): Zones {
  const { history } = steps;
  const at = densePositions(history, budget);
  const groups = clusters(steps, at.call, at.return, budget);
  const blocks = chain(groups, steps, at.call, at.return, budget);
  const sequence = sweep(groups, blocks, at, budget);
  const refused =
    steps.refused > 0 && areDistinct(groups.distinct, steps)
      ? placeRefused(steps, groups, spell(steps, groups, sequence), at, budget)
      : undefined;

  const { distinct, faults } = groups;
  const answers = new Uint8Array(distinct.length);
  for (let k = 0; k < answers.length; k++) {
    if (faults.has(k - 1)) answers[k] = BROKEN;
    else if (distinct[k] && !refused?.homeless.has(k - 1)) answers[k] = HOLDS;
  }
  const evidence = (key: number): { rows: readonly number[]; closed: boolean } => {
    const rows = faults.get(key)?.evidence() ?? [];
    // A refused compare-and-set depends on everything that may have come just before it.
    const closed = !rows.some((row) => steps.kind[row] === REFUSED);
    return { rows: closed ? withWriters(groups, steps, rows) : rows, closed };
  };
  return { answers, faults, evidence, order: () => refused?.order() ?? spell(steps, groups, sequence) };
}

/** Whether any compare-and-set was refused where every value was written once. */
function areDistinct(distinct: Uint8Array, { kind, length, history }: RegisterSteps): boolean {
  for (let i = 0; i < length; i++)
    if (kind[i] === REFUSED && distinct[(history.key[i] as number) + 1]) return true;
  return false;
}

/** What is known of each block, at the number of the cluster that begins it. */
interface Blocks {
  readonly head: Int32Array;
  readonly firstReturn: Int32Array;
  readonly lastCall: Int32Array;
}

/** Walks every chain of swaps from its head; says what is out of order inside and sums up what is seen outside. */
function chain(
  groups: Clusters,
  steps: RegisterSteps,
  call: Int32Array,
  returned: Int32Array,
  budget: Budget,
): Blocks {
  const { count, writer, next, idle, distinct, faults } = groups;
  const firstReturn = new Int32Array(count).fill(NEVER);
  const lastCall = new Int32Array(count).fill(-1);
  const head = new Int32Array(count).fill(-1);
  const follows = new Uint8Array(count);
  for (const c of next) if (c >= 0) follows[c] = 1;
  for (let begin = 0; begin < count; begin++) {
    budget.pass(begin);
    if (idle[begin] || follows[begin]) continue;
    let first = NEVER;
    let last = -1;
    let broken = false;
    for (let c = begin; c >= 0; c = next.length > 0 ? (next[c] as number) : -1) {
      head[c] = begin;
      const w = writer[c] as number;
      const wrote = w === INITIAL ? -1 : (returned[w] as number);
      broken ||= wrote < last;
      if (wrote < first) first = wrote;
      if (w !== INITIAL && (call[w] as number) > last) last = call[w] as number;
      const read = groups.firstReturn[c] as number;
      broken ||= read < last;
      if (read < first) first = read;
      if ((groups.lastCall[c] as number) > last) last = groups.lastCall[c] as number;
    }
    firstReturn[begin] = first;
    lastCall[begin] = last;
    const k = groups.key[begin] as number;
    if (broken && distinct[k + 1] && !faults.has(k))
      faults.set(k, {
        kind: 'out of order',
        evidence: () => insideFault(groups, begin, steps, call, returned),
      });
  }
  // Swaps that only each other explain: every value comes from another, and none from a beginning.
  for (let c = 0; c < count; c++) {
    const k = groups.key[c] as number;
    if (head[c] === -1 && !idle[c] && distinct[k + 1] && !faults.has(k))
      faults.set(k, { kind: 'circular', evidence: () => circle(groups, steps, c) });
  }
  return { head, firstReturn, lastCall };
}

/** Every swap of a circle, and whoever found what they wrote. */
function circle(groups: Clusters, steps: RegisterSteps, from: number): number[] {
  const rows = new Set<number>();
  for (let c = from, on = true; on && c >= 0; c = groups.next[c] as number) {
    const before = rows.size;
    for (const row of observers(groups, steps, c)) rows.add(row);
    on = rows.size > before;
  }
  return [...rows];
}

/** The first two operations of a chain of which the later returned before the earlier was called. */
function insideFault(
  groups: Clusters,
  begin: number,
  steps: RegisterSteps,
  call: Int32Array,
  returned: Int32Array,
): number[] {
  const readers = grouped(
    Array.from(groups.of.keys()).filter((i) => steps.kind[i] === READ && groups.of[i] !== -1),
    (i) => groups.of[i] as number,
  );
  let last = -1;
  for (let c = begin; c >= 0; c = groups.next.length > 0 ? (groups.next[c] as number) : -1) {
    const w = groups.writer[c] as number;
    const reads = readers.get(c) ?? [];
    for (const op of w === INITIAL ? reads : [w, ...reads]) {
      if (
        last >= 0 &&
        (returned[op] as number) < (call[last] as number) &&
        (op === w || steps.kind[last] !== READ || groups.of[last] !== c)
      )
        return [last, op];
      if (op === w && (last < 0 || (call[op] as number) > (call[last] as number))) last = op;
    }
    for (const op of reads) if (last < 0 || (call[op] as number) > (call[last] as number)) last = op;
  }
  throw new Error(`chain of cluster ${begin} was found out of order, but no two of its operations are`);
}

/** The blocks of every key, each key's in an order that works, or the fault that there is none. */
function sweep(
  groups: Clusters,
  { head, firstReturn, lastCall }: Blocks,
  at: Positions,
  budget: Budget,
): Int32Array {
  const { count, key, idle, distinct, faults } = groups;
  const keys = distinct.length;
  const beginsAt = new Int32Array(at.last + 1).fill(-1);
  const sequence = new Int32Array(count);
  let length = 0;
  /** For each key the forward zone entered last and where it ends, and the backward zones that have to wait for that. */
  const end = new Int32Array(keys).fill(-1);
  const current = new Int32Array(keys).fill(-1);
  const waiting: number[][] = [];
  for (let c = 0; c < count; c++) {
    budget.pass(c);
    if (idle[c] || head[c] !== c) continue;
    const begin = Math.min(firstReturn[c] as number, lastCall[c] as number);
    // What was there from the beginning comes first; its zone began before the first event.
    if (c < keys && (firstReturn[c] as number) < 0) {
      sequence[length++] = c;
      end[c] = lastCall[c] as number;
      current[c] = c;
    } else if (begin >= 0) beginsAt[begin] = c;
  }
  const overlap = (a: number, b: number): ClusterFault => ({
    kind: 'overlap',
    evidence: () =>
      Array.from(groups.of.keys()).filter((i) => {
        const c = groups.of[i] as number;
        const h = c < 0 ? -1 : (head[c] as number);
        return (h === a || h === b) && (at.return[i] === firstReturn[h] || at.call[i] === lastCall[h]);
      }),
  });
  const flush = (k: number): void => {
    const late = waiting[k];
    if (late === undefined || late.length === 0) return;
    for (const c of late) sequence[length++] = c;
    late.length = 0;
  };
  for (let p = 0; p <= at.last; p++) {
    budget.pass(p);
    const c = beginsAt[p] as number;
    if (c < 0) continue;
    const k = (key[c] as number) + 1;
    const forward = (firstReturn[c] as number) < (lastCall[c] as number);
    if (p < (end[k] as number)) {
      if (forward || (firstReturn[c] as number) < (end[k] as number)) {
        if (distinct[k] && !faults.has(k - 1)) faults.set(k - 1, overlap(current[k] as number, c));
        continue;
      }
      (waiting[k] ??= []).push(c);
      continue;
    }
    flush(k);
    sequence[length++] = c;
    if (forward) {
      end[k] = lastCall[c] as number;
      current[k] = c;
    }
  }
  for (let k = 0; k < keys; k++) flush(k);
  return sequence.subarray(0, length);
}

/** Turns blocks into operations: the writer first, then the reads in order of call, then the next of the chain. */
function spell(
  { kind, length, history }: RegisterSteps,
  { of, key, writer, next, count, faults, distinct }: Clusters,
  sequence: Int32Array,
): Map<number, number[]> {
  const reads = new Int32Array(count + 1);
  for (let i = 0; i < length; i++)
    if (kind[i] === READ && (of[i] as number) >= 0) reads[(of[i] as number) + 1]!++;
  for (let c = 0; c < count; c++) reads[c + 1]! += reads[c] as number;
  const rows = new Int32Array(reads[count] as number);
  const place = reads.slice();
  for (let i = 0; i < length; i++)
    if (kind[i] === READ && (of[i] as number) >= 0) rows[place[of[i] as number]!++] = i;

  const orders = new Map<number, number[]>();
  for (let k = -1; k < history.keys.length; k++) if (distinct[k + 1] && !faults.has(k)) orders.set(k, []);
  for (const begin of sequence) {
    const order = orders.get(key[begin] as number);
    if (!order) continue;
    for (let c = begin; c >= 0; c = next.length > 0 ? (next[c] as number) : -1) {
      if (writer[c] !== INITIAL) order.push(writer[c] as number);
      for (let i = reads[c] as number; i < (reads[c + 1] as number); i++) order.push(rows[i] as number);
    }
  }
  return orders;
}

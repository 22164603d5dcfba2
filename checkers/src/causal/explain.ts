import type { Anomaly } from '../checker.ts';
import { describe, keyName, nameOf, valueName } from '../transactions/words.ts';
import { lastWriteTo } from '../transactions/register-reads.ts';
import { successor } from './base.ts';
import type { CausalBase } from './base.ts';
import type { CausalStep, Passed } from './commit-order.ts';
import type { WeakViolation } from './weak.ts';

/** So many steps of a cycle make a sentence. */
const TOLD = 4;

/** A cycle in the order that is asked for, with the chain of causality behind every edge that reads demand. */
export function describeCycle(
  base: CausalBase,
  kind: string,
  steps: readonly CausalStep[],
  session?: number,
  passed?: Passed,
): Anomaly {
  const members: number[] = [];
  const justified = new Set<number>();
  const reasons = steps.flatMap((step) => {
    members.push(step.from);
    if (step.micro === undefined) return [link(base, step.from, step.to)];
    const reader = readerOf(base, step.micro);
    const edge = passed ? edgeOf(passed, step.from, step.to) : -1;
    const path = causalPath(base, step.from, reader, passed, edge) ?? [step.from, reader];
    for (const each of path) members.push(each);
    justified.add(edge);
    return [
      `${passing(base, step.micro, reader, step.from, step.to)} (${chain(base, path)})`,
      ...(passed ? justify(base, path, passed, justified, members) : []),
    ];
  });
  const circle = [...steps.map((step) => step.from), (steps[0] as CausalStep).from]
    .map((t) => nameOf(base.txns, t))
    .join(' < ');
  const inShort = steps
    .slice(0, TOLD)
    .map(({ micro, from, to }) =>
      micro === undefined ? link(base, from, to) : passing(base, micro, readerOf(base, micro), from, to),
    );
  if (steps.length > TOLD) inShort.push(`and so on, over ${steps.length} steps`);
  const whose = session === undefined ? '' : ` for client ${base.txns.processes[session]}`;
  return anomaly(
    base,
    kind,
    members,
    `${reasons.join('; ')}. So${whose} ${circle}: each must come before itself.`,
    `${inShort.join('; ')}: no one order gives all of that${session === undefined ? '' : ` to client ${base.txns.processes[session]}`}.`,
  );
}

/** A read of the initial value by someone who knew of a write. */
export function describeStale(
  base: CausalBase,
  kind: string,
  stale: { readonly micro: number; readonly other: number },
  passed?: Passed,
): Anomaly {
  const reader = readerOf(base, stale.micro);
  const path = causalPath(base, stale.other, reader, passed) ?? [stale.other, reader];
  const members = [...path];
  const why = passed ? justify(base, path, passed, new Set(), members) : [];
  const key = keyName(base.txns, base.txns.key[stale.micro] as number);
  return anomaly(
    base,
    kind,
    members,
    `${nameOf(base.txns, reader)} read ${key} as it was before anything was written, and yet ${nameOf(base.txns, stale.other)}, which wrote it, came before (${[chain(base, path), ...why].join('; ')}).`,
    `${passing(base, stale.micro, reader, stale.other, -1)}${heard(base, path)}.`,
  );
}

/**
 * What is on a way because a read passed over something has a reason of its own, and that may have reasons in turn: each is
 * told once, and those whom it speaks of are added to the members. A reason rests only on what was found before it.
 */
function justify(
  base: CausalBase,
  way: readonly number[],
  passed: Passed,
  justified: Set<number>,
  members: number[],
): string[] {
  const reasons: string[] = [];
  const ways = [way];
  for (let path = ways.pop(); path; path = ways.pop())
    for (let i = 0; i + 1 < path.length; i++) {
      const [from, to] = [path[i] as number, path[i + 1] as number];
      const edge = isCausal(base, from, to) ? -1 : edgeOf(passed, from, to);
      if (edge < 0 || justified.has(edge)) continue;
      justified.add(edge);
      const micro = passed.micro[edge] as number;
      const reader = readerOf(base, micro);
      const reason = causalPath(base, from, reader, passed, edge) ?? [from, reader];
      for (const each of [...reason, to]) members.push(each);
      reasons.push(`${passing(base, micro, reader, from, to)} (${chain(base, reason)})`);
      ways.push(reason);
    }
  return reasons;
}

/** Whether one comes right before the other in its session, or the other read from it. */
function isCausal(base: CausalBase, from: number, to: number): boolean {
  return (
    successor(base, from) === to ||
    base.readers.subarray(base.readersStart[from], base.readersStart[from + 1]).includes(to)
  );
}

function edgeOf({ edges }: Passed, from: number, to: number): number {
  for (let e = 0; e < edges.length; e++) if (edges.from[e] === from && edges.to[e] === to) return e;
  return -1;
}

/** A transaction whose reads cannot be explained by any order of what it knew. */
export function describeWeak(base: CausalBase, violation: WeakViolation): Anomaly {
  const { reader, reads } = violation;
  const members: number[] = [];
  const reasons = reads.map((read, i) => {
    const next = reads[(i + 1) % reads.length] as WeakViolation['reads'][number];
    const path = causalPath(base, read.other, reader) ?? [read.other, reader];
    for (const each of path) members.push(each);
    const first =
      read.source < 0 || read.source === read.other ? undefined : causalPath(base, read.source, read.other);
    for (const each of first ?? []) members.push(each);
    if (next.source >= 0) members.push(next.source);
    const newer = first ? ` (${chain(base, first)})` : '';
    return `${passing(base, next.micro, reader, read.other, next.source)} (${chain(base, path)})${first ? `, which came after ${nameOf(base.txns, read.source)}${newer}` : ''}`;
  });
  const kind =
    reads.length === 1 ? ((reads[0]?.source ?? 0) < 0 ? 'WriteCOInitRead' : 'WriteCORead') : 'fractured past';
  return anomaly(
    base,
    kind,
    [...members, reader],
    `${reasons.join('; ')}. No order of its past explains what ${nameOf(base.txns, reader)} read.`,
    `${reads
      .map(({ other }, i) => {
        const next = reads[(i + 1) % reads.length] as WeakViolation['reads'][number];
        return passing(base, next.micro, reader, other, next.source);
      })
      .join('; ')}: no order of what it knew explains that.`,
  );
}

function anomaly(
  base: CausalBase,
  kind: string,
  members: readonly number[],
  why: string,
  inShort: string,
): Anomaly {
  const transactions = [...new Set(members)];
  const shown = transactions.map((t) => describe(base.txns, t)).join('; ');
  return {
    kind,
    operations: transactions.map((t) => base.txns.operation[t] as number),
    explanation: `${shown}. ${why}`,
    inShort,
  };
}

/** How the last of a path had heard of the first: the answer that it saw of somebody in between, if there is one. */
function heard(base: CausalBase, path: readonly number[]): string {
  const { txns, source } = base;
  for (let i = path.length - 1; i > 0; i--) {
    const [by, of] = [path[i] as number, path[i - 1] as number];
    for (let m = txns.start[by] as number; m < (txns.start[by + 1] as number); m++)
      if (source[m] === of && txns.process[by] !== txns.process[of]) return `: ${link(base, of, by)}`;
  }
  return '';
}

/** The transaction a micro-operation belongs to. */
function readerOf(base: CausalBase, micro: number): number {
  let low = 0;
  let high = base.txns.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((base.txns.start[middle] as number) <= micro) low = middle;
    else high = middle;
  }
  return low;
}

function passing(base: CausalBase, micro: number, reader: number, other: number, from: number): string {
  const { txns } = base;
  const key = keyName(txns, txns.key[micro] as number);
  const written = lastWriteTo(txns, other, txns.key[micro] as number);
  const value = written < 0 ? '?' : valueName(txns, txns.value[written] as number);
  const read = valueName(txns, txns.value[micro] as number);
  const whose = from < 0 ? 'the initial value' : `${read}, which ${nameOf(txns, from)} wrote`;
  return `${nameOf(txns, reader)} read ${key} as ${whose}, though it knew of ${nameOf(txns, other)}, which wrote ${value} to it`;
}

function link(base: CausalBase, from: number, to: number): string {
  const { txns } = base;
  for (let m = txns.start[to] as number; m < (txns.start[to + 1] as number); m++)
    if (base.source[m] === from)
      return `${nameOf(txns, to)} read ${valueName(txns, txns.value[m] as number)} from ${keyName(txns, txns.key[m] as number)}, which ${nameOf(txns, from)} wrote`;
  return txns.process[from] === txns.process[to]
    ? `${nameOf(txns, from)} came before ${nameOf(txns, to)}, both of client ${txns.processes[txns.process[from] as number]}`
    : `${nameOf(txns, from)} had to come before ${nameOf(txns, to)}`;
}

function chain(base: CausalBase, path: readonly number[]): string {
  return path
    .slice(1)
    .map((to, i) => link(base, path[i] as number, to))
    .join(', ');
}

/** A shortest way from one transaction to another along sessions, reads-from and, where given, the first edges of what was passed over. */
function causalPath(
  base: CausalBase,
  from: number,
  to: number,
  passed?: Passed,
  edges: number = passed?.edges.length ?? 0,
): number[] | undefined {
  const by = new Map<number, number>([[from, from]]);
  const queue = [from];
  const extra = new Map<number, number[]>();
  for (let e = 0; e < edges; e++) {
    const at = passed?.edges.from[e] as number;
    extra.set(at, [...(extra.get(at) ?? []), passed?.edges.to[e] as number]);
  }
  for (let head = 0; head < queue.length; head++) {
    const t = queue[head] as number;
    if (t === to) break;
    const after = successor(base, t);
    const next = [
      ...(after >= 0 ? [after] : []),
      ...base.readers.subarray(base.readersStart[t], base.readersStart[t + 1]),
      ...(extra.get(t) ?? []),
    ];
    for (const w of next) {
      if (by.has(w)) continue;
      by.set(w, t);
      queue.push(w);
    }
  }
  if (!by.has(to)) return undefined;
  const path = [to];
  while (path[0] !== from) path.unshift(by.get(path[0] as number) as number);
  return path;
}

import type { CausalBase } from '../causal/base.ts';
import { Arrangement } from '../causal/arbitration/arrangement.ts';
import { Knowledge } from '../causal/arbitration/knowledge.ts';
import { PassedOver } from '../causal/arbitration/passed-over.ts';
import { topologicalOrder } from '../causal/base.ts';
import { clocksOf } from '../causal/clocks.ts';
import { forEachVisibleWrite } from '../causal/visible-writes.ts';
import { writesBySession } from '../causal/writes-by-session.ts';
import type { Limits } from '../transactions/limits.ts';
import { lastWriteTo, OWN } from '../transactions/register-reads.ts';
import { keyName, nameOf, valueName } from '../transactions/words.ts';

/** A read that returned something older than its process should have known. */
export interface StaleRead {
  readonly guarantee: 'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads';
  /** Whether what it returned is older beyond doubt. */
  readonly certain: boolean;
  readonly key: number;
  readonly transactions: readonly number[];
  readonly explanation: string;
}

/** A finding for every read is of use to nobody. */
const KEPT_MAX = 1000;

/**
 * Every stale read has passed over a newer write that happens before it. How the process knew of that write says
 * which guarantee is broken: it wrote it itself; it had read it; it had read something its writer wrote later; or
 * only somebody else had read it, and wrote what led here.
 *
 * In an arrangement that keeps causality and real time, whatever is older by either stands before what is newer, so only
 * writes that stand between a read and what it returned are looked at.
 */
export function staleReads(base: CausalBase, limits: Limits): StaleRead[] {
  const arrangement = new Arrangement(base, limits);
  if (arrangement.order.length < base.members.length) return staleReadsByClocks(base, limits);
  const found: StaleRead[] = [];
  const passedOver = new PassedOver(base, arrangement, limits);
  const knowledge = new Knowledge(base, arrangement.rank, limits);
  const happensBefore = (a: number, b: number): boolean => {
    knowledge.learn(b, arrangement.rank[a] as number);
    return knowledge.has(a);
  };
  let last = -1;
  const sessions = new Set<number>();
  for (const reader of arrangement.order) {
    passedOver.look(reader, (micro, from, other) => {
      // Of each session's writes the last is enough.
      if (micro !== last) sessions.clear();
      last = micro;
      const session = base.txns.process[other] as number;
      if (sessions.has(session) || found.length >= KEPT_MAX) return;
      sessions.add(session);
      const age = olderThan(base, happensBefore, from, other);
      if (age !== undefined) found.push(tell(base, reader, micro, from, other, age === 'certain'));
    });
    if (passedOver.walked + knowledge.walked > WALK_MAX * arrangement.order.length)
      return staleReadsByClocks(base, limits);
  }
  return found;
}

/** Steps of walking back, for each transaction, after which clocks are the cheaper way. */
const WALK_MAX = 100;

/** The same by vector clocks: for reads so stale that walking back takes too long, and where causality goes in a circle. */
export function staleReadsByClocks(base: CausalBase, limits: Limits): StaleRead[] {
  const order = topologicalOrder(base, limits);
  const clocks = clocksOf(base, order, { first: 0, width: base.sessions }, limits);
  const happensBefore = (a: number, b: number): boolean =>
    (clocks.row[b * clocks.width + (base.txns.process[a] as number)] as number) > (base.place[a] as number);
  const found: StaleRead[] = [];
  forEachVisibleWrite(base, writesBySession(base, limits), clocks, limits, (reader, micro, from, other) => {
    if (found.length >= KEPT_MAX) return;
    const age = olderThan(base, happensBefore, from, other);
    if (age !== undefined) found.push(tell(base, reader, micro, from, other, age === 'certain'));
  });
  return found;
}

/** Why one version is older than another: nothing is older than the initial one; one process writes in order; else causality, or time. */
function olderThan(
  { txns, place }: CausalBase,
  happensBefore: (a: number, b: number) => boolean,
  from: number,
  other: number,
): 'certain' | 'inferred' | undefined {
  if (from < 0) return 'certain';
  if (txns.process[from] === txns.process[other])
    return (place[from] as number) < (place[other] as number) ? 'certain' : undefined;
  if (txns.timed && (txns.return[from] as number) < (txns.call[other] as number)) return 'inferred';
  return happensBefore(from, other) ? 'inferred' : undefined;
}

function tell(
  base: CausalBase,
  reader: number,
  micro: number,
  from: number,
  other: number,
  certain: boolean,
): StaleRead {
  const { txns } = base;
  const key = txns.key[micro] as number;
  const how = knowledge(base, reader, key, other);
  const name = keyName(txns, key);
  const written = valueName(txns, txns.value[lastWriteTo(txns, other, key)] as number);
  const read = valueName(txns, txns.value[micro] as number);
  const whose = from < 0 ? 'the initial value' : `${read}, which ${nameOf(txns, from)} wrote earlier`;
  const doubt = certain ? '' : ' (as far as causality and time tell)';
  return {
    guarantee: how.guarantee,
    certain,
    key,
    transactions: [...(from < 0 ? [] : [from]), other, ...how.through, reader],
    explanation:
      `Client ${txns.processes[txns.process[reader] as number]} ${how.words(written, name)}, ` +
      `and then ${nameOf(txns, reader)} read ${name} as ${whose}${doubt}.`,
  };
}

interface HowItKnew {
  readonly guarantee: StaleRead['guarantee'];
  readonly through: readonly number[];
  readonly words: (written: string, key: string) => string;
}

/** How the reader's process knew of a write: looked up only for violations, so a walk back through its session will do. */
function knowledge(base: CausalBase, reader: number, key: number, other: number): HowItKnew {
  const { txns, source, place, members, sessionStart } = base;
  const session = txns.process[reader] as number;
  const writer = nameOf(txns, other);
  if (txns.process[other] === session)
    return { guarantee: 'read your writes', through: [], words: (v, k) => `wrote ${v} to ${k} in ${writer}` };
  let later: { reader: number; write: number } | undefined;
  const begin = sessionStart[session] as number;
  for (let i = begin + (place[reader] as number); i >= begin; i--) {
    const t = members[i] as number;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      const from = source[m] as number;
      if (from === OWN || from < 0 || txns.process[from] !== txns.process[other]) continue;
      if ((place[from] as number) < (place[other] as number)) continue;
      if (txns.key[m] === key && t !== reader)
        return {
          guarantee: 'monotonic reads',
          through: from === other ? [t] : [from, t],
          words: (v, k) =>
            from === other
              ? `read ${v} from ${k} in ${nameOf(txns, t)}`
              : `read what came after ${v} from ${k} in ${nameOf(txns, t)}`,
        };
      later ??= { reader: t, write: from };
    }
  }
  if (later) {
    const { reader: by, write } = later;
    return {
      guarantee: 'monotonic writes',
      through: write === other ? [by] : [write, by],
      words: (v, k) =>
        `saw in ${nameOf(txns, by)} what ${nameOf(txns, write)} wrote${write === other ? '' : `, after the same client had written ${v} to ${k} in ${writer}`}`,
    };
  }
  const chain = chainTo(base, other, reader);
  return {
    guarantee: 'writes follow reads',
    through: chain,
    words: (v, k) =>
      `saw what was written (${chain.map((t) => nameOf(txns, t)).join(', ')}) by those who had seen ${writer} write ${v} to ${k}`,
  };
}

/** The transactions between two, along sessions and reads-from; a shortest way. */
function chainTo(base: CausalBase, from: number, to: number): number[] {
  const by = new Map<number, number>([[from, -1]]);
  const queue = [from];
  for (let head = 0; head < queue.length && !by.has(to); head++) {
    const t = queue[head] as number;
    const s = base.txns.process[t] as number;
    const after = (base.sessionStart[s] as number) + (base.place[t] as number) + 1;
    const next = [
      ...(after < (base.sessionStart[s + 1] as number) ? [base.members[after] as number] : []),
      ...base.readers.subarray(base.readersStart[t], base.readersStart[t + 1]),
    ];
    for (const w of next) {
      if (by.has(w)) continue;
      by.set(w, t);
      queue.push(w);
    }
  }
  const path: number[] = [];
  for (let t = by.get(to) ?? -1; t !== -1 && t !== from; t = by.get(t) as number) path.unshift(t);
  return path;
}

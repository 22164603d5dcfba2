import type { Pooled } from './pool.ts';
import type { Seen } from './seen.ts';

/** One value of a register, and what is known of when it was there. */
export interface Cluster extends Pooled {
  value: unknown;
  /** `undefined` for the value that was there from the beginning. */
  writer: Seen | undefined;
  /** The name of the value that a compare-and-set replaced by this one, or {@link BLIND}. */
  from: unknown;
  /** Once it is certain that it was there. */
  chain: Chain | undefined;
  before: Cluster | undefined;
  after: Cluster | undefined;
  /** What shows that something has taken its place: of all that came after it in its chain, the first to return. */
  replacedBy: Seen | undefined;
  /** Of the operations that wrote or saw it, the first to return and the last to be called. */
  first: Seen | undefined;
  last: Seen | undefined;
}

/** Was written whatever was there before. */
export const BLIND: unique symbol = Symbol('blind');

/** Clusters of which each but the first is known to have replaced the one before it. Of most there is one. */
export interface Chain extends Pooled {
  /** When what is at its head was written. */
  call: number;
  firstReturn: number;
  first: Seen | undefined;
  lastCall: number;
  last: Seen | undefined;
  /** Of what has been forgotten of it, the operation that was called last. */
  gone: Seen | undefined;
  /** Whether it has been forgotten. */
  over: boolean;
  /** Whether what came before it has been looked at on its own. */
  weighed: boolean;
}

/** Begins as a chain that something has just returned of. */
export function begin(chain: Chain, call: number, first: Seen | undefined): Chain {
  chain.call = call;
  chain.firstReturn = first?.return ?? -1;
  chain.first = first;
  chain.lastCall = first?.call ?? -1;
  chain.last = first;
  chain.gone = undefined;
  chain.over = false;
  chain.weighed = false;
  return chain;
}

export function noChain(): Chain {
  return {
    call: -1,
    firstReturn: -1,
    first: undefined,
    lastCall: -1,
    last: undefined,
    gone: undefined,
    over: false,
    weighed: false,
    mark: 0,
  };
}

/** Stands for a value from now on. */
export function write(one: Cluster, value: unknown, writer: Seen | undefined, from: unknown): Cluster {
  one.value = value;
  one.writer = writer;
  one.from = from;
  one.chain = undefined;
  one.before = undefined;
  one.after = undefined;
  one.replacedBy = undefined;
  one.first = undefined;
  one.last = undefined;
  return one;
}

export function noCluster(): Cluster {
  return {
    value: undefined,
    writer: undefined,
    from: BLIND,
    chain: undefined,
    before: undefined,
    after: undefined,
    replacedBy: undefined,
    first: undefined,
    last: undefined,
    mark: 0,
  };
}

/** When a value had certainly been replaced. */
export function replacedAt({ replacedBy }: Cluster): number {
  return replacedBy?.return ?? Infinity;
}

/** Everything remembered of some clusters: who wrote each, and what that came from; who saw it, and so shows that it was written. */
export function operationsOf(clusters: readonly Cluster[]): Seen[] {
  const found = new Set<Seen | undefined>();
  for (const one of clusters) {
    for (const op of [one.first, one.last, one.replacedBy]) found.add(op);
    for (let back: Cluster | undefined = one; back; back = back.before) found.add(back.writer);
    for (let on: Cluster | undefined = one; on && !on.first; on = on.after)
      found.add(on.after?.writer).add(on.after?.first);
  }
  found.delete(undefined);
  return [...found] as Seen[];
}

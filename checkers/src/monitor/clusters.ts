import type { Seen } from './seen.ts';

/** One value of a register, and what is known of when it was there. */
export interface Cluster {
  readonly value: unknown;
  /** `undefined` for the value that was there from the beginning. */
  readonly writer: Seen | undefined;
  /** The name of the value that a compare-and-set replaced by this one, or {@link BLIND}. */
  readonly from: unknown;
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
export interface Chain {
  /** When what is at its head was written. */
  readonly call: number;
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

/** A chain that something has just returned of. */
export function chainOf(call: number, first: Seen | undefined): Chain {
  return {
    call,
    firstReturn: first?.return ?? -1,
    first,
    lastCall: first?.call ?? -1,
    last: first,
    gone: undefined,
    over: false,
    weighed: false,
  };
}

export function cluster(value: unknown, writer: Seen | undefined, from: unknown): Cluster {
  return {
    value,
    writer,
    from,
    chain: undefined,
    before: undefined,
    after: undefined,
    replacedBy: undefined,
    first: undefined,
    last: undefined,
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

import type { Account, State, Told } from './accounts.ts';

/** A stretch in which a node was seen to wait for a decision, after it had voted yes. */
export interface Doubt {
  readonly node: string;
  /** From the first answer that said so to the last: at least so long. */
  readonly ms: number;
  /** What it learned in the end, as far as anyone was told. */
  readonly end: State | undefined;
  /** Whether nobody else was seen to know the decision meanwhile: then no talking among nodes could have helped. */
  readonly alone: boolean;
}

/** Who waited how long for the decision about one transaction: the blocking of two-phase commit, measured. */
export function doubts({ told }: Account): Doubt[] {
  const waits = new Map<string, { first: Told; last: Told }>();
  for (const it of told) {
    if (it.state !== 'prepared' || it.node === undefined) continue;
    const wait = waits.get(it.node);
    if (wait) wait.last = it;
    else waits.set(it.node, { first: it, last: it });
  }
  const decisions = told.filter(({ state }) => state === 'commit' || state === 'abort');
  return [...waits].map(([node, { first, last }]) => ({
    node,
    ms: (last.returnTime - first.callTime) / 1e6,
    end: decisions[0]?.state,
    alone: decisions.every((decision) => decision.return > last.call),
  }));
}

import type { Command } from '../kit/objects.ts';

/**
 * What the nodes ask each other. Names and phases are those of Junqueira, Reed & Serafini (DSN 2011); an answer to a call is the
 * paper’s acknowledgement of it.
 */
export type ZabMessages = {
  /** Phase 0: how far are you, and whom do you follow? */
  look: { in: null; out: Look };
  /** CEPOCH: I want to follow you, and this is the last epoch that I have promised to take part in. */
  follow: { in: { readonly acceptedEpoch: number }; out: true };
  /** NEWEPOCH, and ACK-E: from now on I accept nothing of an earlier epoch, and this is all that I have accepted. */
  newEpoch: { in: Session; out: AckEpoch };
  /** NEWLEADER, and ACK-LD: this is what everybody begins the epoch with; it is on my disk. */
  newLeader: { in: Session & { readonly sync: Sync }; out: true };
  /** COMMIT-LD, which ZooKeeper calls UPTODATE: a quorum has begun the epoch. */
  upToDate: { in: Session & { readonly commit: Zxid }; out: true };
  /** PROPOSE, and ACK: it is on my disk, after everything that was proposed before. */
  propose: { in: Session & { readonly previous: Zxid; readonly txn: Txn }; out: true };
  /** COMMIT of everything up to here. Also sent when there is nothing new, as the heartbeat. */
  commit: { in: Session & { readonly commit: Zxid }; out: true };
  /** A client of mine asks for this. */
  request: { in: Request; out: true };
  /** How far have you delivered? Nobody who keeps to the protocol asks. */
  delivered: { in: null; out: Zxid };
};

/** The number of a transaction: the epoch of the primary that made it, and its place among those of that epoch. */
export type Zxid = readonly [epoch: number, counter: number];

/** A leader’s conversation with one follower. Who loses it begins another: what is late of the old one is not heeded. */
export interface Session {
  readonly epoch: number;
  readonly number: number;
}

export interface Look {
  readonly role: Role;
  readonly vote: Vote;
}

export type Role = 'looking' | 'following' | 'leading';

/** How fresh a history is: by the last epoch that its node has begun, then by its last transaction. */
export interface Vote {
  readonly currentEpoch: number;
  readonly last: Zxid;
}

export interface AckEpoch {
  /** Whether this is a promise of a new epoch. Who has promised it before, perhaps to another, does not promise it again. */
  readonly promised: boolean;
  readonly currentEpoch: number;
  readonly history: Held;
}

/** A history: what the transactions up to `base` did, and those after it. */
export interface Held {
  readonly base: Snapshot;
  readonly txns: readonly Txn[];
}

export interface Snapshot {
  readonly zxid: Zxid;
  readonly state: unknown;
}

/** What makes a follower’s history the leader’s: these transactions after one that both have, or everything anew. */
export type Sync =
  | { readonly after: Zxid; readonly txns: readonly Txn[] }
  | { readonly base: Snapshot; readonly txns: readonly Txn[] };

/**
 * A change of the state, as the primary has worked it out: a compare-and-set has become a write, or nothing. So it makes sense
 * only after the changes that the primary had made before.
 */
export interface Txn {
  readonly zxid: Zxid;
  readonly change: Command;
  /** Whether the compare-and-set that it was came to pass. */
  readonly swapped?: boolean;
  readonly request: Origin;
}

/** Who answers the client: this node, if it has not been started again since. */
export interface Origin {
  readonly node: string;
  readonly life: number;
  readonly number: number;
}

export interface Request {
  readonly command: Command;
  readonly origin: Origin;
}

/** What an observer inside a node sees of it. A node that takes over a state has delivered all that led to it, unseen. */
export type Seen =
  | { readonly what: 'broadcast' | 'delivered'; readonly txn: Txn }
  | { readonly what: 'took over'; readonly upTo: Zxid };

export const NOTHING: Zxid = [0, 0];

export function after(a: Zxid, b: Zxid): boolean {
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

export function same(a: Zxid, b: Zxid): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Whether `a` is the fresher history. */
export function fresher(a: Vote, b: Vote): boolean {
  return a.currentEpoch !== b.currentEpoch ? a.currentEpoch > b.currentEpoch : after(a.last, b.last);
}

export function voteOf({
  currentEpoch,
  history: { base, txns },
}: Pick<AckEpoch, 'currentEpoch' | 'history'>): Vote {
  return { currentEpoch, last: txns.at(-1)?.zxid ?? base.zxid };
}

import type { Command } from '../kit/objects.ts';

/** What Raft's nodes ask each other. Terms, indices and names are those of the paper (Ongaro & Ousterhout 2014). */
export type RaftMessages = {
  /** RequestVote. */
  vote: { in: Ballot; out: { readonly term: number; readonly granted: boolean } };
  /** AppendEntries, also empty, as the heartbeat. */
  append: { in: Append; out: Kept };
  /** InstallSnapshot, in one piece. */
  install: { in: Install; out: Kept };
  /** TimeoutNow: you have all that I have. Stand for election. */
  timeoutNow: { in: { readonly term: number }; out: null };
  /** Up to where must I have applied the log, to read what is true now? Only the leader can say. */
  readIndex: { in: null; out: number };
};

export interface Ballot {
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

export interface Append {
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
}

export interface Install {
  readonly term: number;
  readonly index: number;
  readonly indexTerm: number;
  readonly state: unknown;
}

/** Up to where the follower's log, on its disk, is the leader's; where `ok` is false, where to try next. */
export interface Kept {
  readonly term: number;
  readonly ok: boolean;
  readonly match: number;
}

export interface Entry {
  readonly term: number;
  readonly command: Command;
}

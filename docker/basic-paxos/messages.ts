import type { Key } from '../kit/kit.ts';

/** What the nodes ask each other; the names are those of “Paxos Made Simple” (Lamport 2001). A key is one instance. */
export type PaxosMessages = {
  /** Phase 1: promise to accept nothing below this ballot, and say what you have accepted. */
  prepare: { in: { readonly key: Key; readonly ballot: Ballot }; out: Promise1 };
  /** Phase 2: accept this, unless you have promised not to. */
  accept: { in: { readonly key: Key; readonly ballot: Ballot; readonly value: number }; out: Accepted };
  /** A majority has accepted this. */
  chosen: { in: { readonly key: Key; readonly value: number }; out: void };
};

/** Ordered by round, then by node: no two proposers ever use the same. */
export type Ballot = readonly [round: number, node: string];

export interface Promise1 {
  readonly ok: boolean;
  /** The highest ballot that it has promised, this one or a higher. */
  readonly promised: Ballot;
  readonly accepted: Proposal | null;
}

export interface Accepted {
  readonly ok: boolean;
  readonly promised: Ballot;
}

export interface Proposal {
  readonly ballot: Ballot;
  readonly value: number;
}

export const NO_BALLOT: Ballot = [0, ''];

export function above(a: Ballot, b: Ballot): boolean {
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

import type { Command } from '../kit/objects.ts';

/** What the nodes ask each other; phases and names are those of “Paxos Made Simple” (Lamport 2001, §3), for all slots at once. */
export type MultiPaxosMessages = {
  /** Phase 1, for every slot from `from` on. */
  prepare: { in: { readonly ballot: Ballot; readonly from: number }; out: Promise1 };
  /** Phase 2, for one slot. */
  accept: { in: Accept; out: Answer };
  /** I lead, and every slot up to `chosen` is chosen. */
  lead: { in: { readonly ballot: Ballot; readonly chosen: number }; out: Answer };
  /** What was chosen in the slots from here on? */
  catchUp: { in: { readonly from: number }; out: Chosen };
};

/** Ordered by round, then by node: no two leaders ever use the same. */
export type Ballot = readonly [round: number, node: string];

export interface Answer {
  readonly ok: boolean;
  /** The highest ballot that it has promised, this one or a higher. */
  readonly promised: Ballot;
}

export interface Promise1 extends Answer {
  readonly accepted: readonly Proposal[];
  /** Where it has slots from `from` on no more one by one, because all of them are chosen. */
  readonly snapshot: Snapshot | null;
}

interface Accept extends Proposal {
  /** Every slot up to here is chosen. */
  readonly chosen: number;
}

export interface Proposal {
  readonly slot: number;
  readonly ballot: Ballot;
  readonly command: Command;
}

/** What the first `slots` slots did. */
export interface Snapshot {
  readonly slots: number;
  readonly state: unknown;
}

interface Chosen {
  readonly snapshot: Snapshot | null;
  readonly commands: readonly Command[];
}

export const NO_BALLOT: Ballot = [0, ''];

export function above(a: Ballot, b: Ballot): boolean {
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

export function same(a: Ballot, b: Ballot): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

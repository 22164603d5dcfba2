import type { Key } from '../kit/kit.ts';

/** What the nodes ask each other. The capitals are the messages of Bernstein, Hadzilacos and Goodman (1987, chapter 7). */
export type CommitMessages = {
  /** VOTE-REQ. The answer is the vote. */
  vote: { in: Transaction; out: Vote };
  /** COMMIT or ABORT, answered once it is on the disk. */
  decide: { in: { readonly id: Key; readonly decision: Decision }; out: void };
  /** DECISION-REQ, from whoever voted yes and has not heard what came of it. */
  inquire: { in: Key; out: Decision | 'uncertain' };
};

export type Vote = 'yes' | 'no';
export type Decision = 'commit' | 'abort';

/** To store `value` under the transaction's own name, at every node or at none. */
export interface Transaction {
  readonly id: Key;
  readonly value: number;
  /** The number of the node that votes no, counted from 1 in the order of their names and around again. */
  readonly no: number | null;
}

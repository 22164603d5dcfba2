import type { Key } from '../kit/kit.ts';
import type { Decision, Transaction, Vote } from '../two-phase-commit/messages.ts';
import type { Standing } from './ledger.ts';

/** What the nodes ask each other. */
export type CommitMessages = {
  /** canCommit? The answer is the vote. */
  vote: { in: Asked; out: Vote };
  /** preCommit: everybody has voted yes. Answered once it is on the disk. */
  precommit: { in: Key; out: void };
  /** doCommit, or abort. Answered once it is on the disk. */
  decide: { in: { readonly id: Key; readonly decision: Decision }; out: void };
  /** Nobody has told me what came of it: see to it. The answer is the decision, where there is one already. */
  lead: { in: Key; out: Decision | 'at it' | 'recovering' };
  /** STATE-REQ, from whoever sees to it. */
  state: { in: Key; out: Standing };
};

export interface Asked extends Transaction {
  readonly coordinator: string;
}

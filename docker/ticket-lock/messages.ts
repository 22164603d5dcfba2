import type { Key } from '../kit/kit.ts';

/** The ticket that is served, which is the fencing token; and how long it is good for, where tickets expire. */
export type Grant = readonly [ticket: number, leaseMs: number | null];

export interface Shown {
  readonly key: Key;
  readonly ticket: number;
}

/** What the nodes that clients speak to pass on: the first two to the office, the last to the guard. */
export type TicketMessages = {
  take: { in: Key; out: false | Grant };
  giveBack: { in: Shown; out: boolean };
  enter: { in: Shown; out: boolean };
};

/** The operations of the workload `lock`. */
export type LockOperations = {
  acquire: { in: void; out: false | Grant };
  use: { in: number; out: boolean };
  release: { in: number; out: boolean };
};

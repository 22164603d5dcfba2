/**
 * Mistakes that real implementations of Multi-Paxos have made, each behind `--bug`. The correct code is the other branch of
 * an `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'ignores-accepted':
    'a new leader fills the slots that it does not know with nothing, whatever the others have accepted in them (Lamport 2001, §3)',
  'minority-quorum':
    'half of the acceptors, rounded down, are enough for phase 2: two such quorums need not meet (Lamport 2001, §2.2)',
  'snapshot-too-new':
    'whoever catches up is sent the state as it is now under the number of the last snapshot, and applies what followed that a second time (Chandra, Griesemer & Redstone 2007, §5.4: a snapshot and the log have to fit)',
  'stale-read':
    'a leader answers reads without asking a majority whether it still leads (Chandra, Griesemer & Redstone 2007, §5.2: master leases)',
  'ack-before-sync':
    'an acceptor answers before its promise and what it accepted are on the disk (Lamport 2001, §2.5)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

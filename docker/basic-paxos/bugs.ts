/**
 * Mistakes that real implementations of Paxos have made, each behind `--bug`. The correct code is the other branch of an
 * `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'breaks-promise':
    'an acceptor accepts whatever it is asked to, also below the ballot that it has promised (Lamport 2001, P1a)',
  'own-value': 'a proposer proposes its own value, whatever has been accepted before (Lamport 2001, P2c)',
  'minority-quorum':
    'half of the acceptors, rounded down, count as a majority: two such quorums need not meet (Lamport 2001, §2.2)',
  'answer-before-sync':
    'an acceptor answers before its promise and what it accepted are on the disk: after a crash it has forgotten both (Lamport 2001, §2.5; Chandra, Griesemer & Redstone 2007 on disks that lose state)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

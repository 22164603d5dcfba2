/**
 * Mistakes that implementations of Zab have made, or might, each behind `--bug`. The correct code is the other branch of an
 * `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'ack-before-log':
    'a node acknowledges a proposal before it is in the log on its disk (Junqueira, Reed & Serafini 2011, step 2.3; ZooKeeper with forceSync=no)',
  'accepts-old-epoch':
    'a follower still accepts what the leader of an earlier epoch proposes, although it has promised a later one (Junqueira, Reed & Serafini 2011, step 3.3)',
  'minority-commits':
    'a leader commits what half of the nodes, rounded down, have acknowledged: two such quorums need not meet (Junqueira, Reed & Serafini 2011, §III)',
  'no-truncate':
    'a follower that comes back keeps what it had accepted and nobody else had, and puts what the leader sends after it (ZOOKEEPER-1549, ZOOKEEPER-2845)',
  'forgets-epochs':
    'the epochs that a node has promised and begun are kept in memory alone (ZooKeeper before 3.4 had neither acceptedEpoch nor currentEpoch on its disk: ZOOKEEPER-335)',
  'sync-trusts-lead':
    'a sync asks the leader alone, which need not be the leader any more (Hunt et al. 2010, §4.4: it is to commit something first; ZooKeeper trusts its timeouts)',
  'serves-before-synced':
    'a server that was restarted answers reads from what it has on its disk, before it is up to date (Junqueira, Reed & Serafini 2011, step 2.4: only after COMMIT-LD is a follower ready)',
  'delivers-proposals':
    'a follower lets its clients see what was proposed, before it is committed: it may never be (Junqueira, Reed & Serafini 2011, step 3.4: delivered on COMMIT)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

/**
 * Mistakes that real implementations of Raft have made, each behind `--bug`. The correct code is the other branch of
 * an `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'stale-read':
    'a leader answers reads without asking a majority whether it still leads (Raft §8; etcd 2 without `quorum=true`)',
  'vote-not-persisted':
    'votes are not kept: a node votes again for whoever asks next in the same term, and after a restart it knows no term (Raft §5.2 and figure 2: “updated on stable storage before responding”)',
  'ack-before-commit':
    'a leader confirms a write once it is in its own log (Raft §5.3; MongoDB with w:1, Redis replication by design)',
  'no-truncate':
    'a follower keeps its own entries where they conflict with the leader’s, and puts the leader’s after them (Raft §5.3, AppendEntries rule 3)',
  'ack-before-sync':
    'entries are acknowledged before they are on the disk: when all nodes lose power, so do they (Raft §5; NATS JetStream by default)',
  'snapshot-loses-tail':
    'a snapshot claims the whole log, also what was not applied yet (Raft §7: lastIncludedIndex is the last applied)',
  'counts-sent':
    'with a pipeline, an answer to one message counts for all that were sent since (Ongaro’s thesis, §10.2.1: nextIndex may run ahead, matchIndex may not)',
  'heir-without-vote':
    'whoever is handed the lead leads at once, in the same term, and asks nobody for a vote (Ongaro’s thesis, §3.10: it begins an election)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

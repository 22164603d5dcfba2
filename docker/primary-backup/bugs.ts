/**
 * Mistakes that real primary-backup systems have made, each behind `--bug`. The correct code is the other branch of an
 * `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'no-fencing':
    'a backup does what a deposed primary tells it to, and confirms it (Budhiraja et al. 1993: at any time at most one primary; HDFS and Patroni fence the old one)',
  'answers-before-backups':
    'a primary confirms a write once it is on its own disk, although replication is synchronous (Budhiraja et al. 1993, Pb3; MySQL semi-synchronous replication, which falls back to this after rpl_semi_sync_master_timeout)',
  'acknowledges-early':
    'a primary acknowledges a view before its new backup has the state, and so the view service may promote one that has not (MIT 6.824, lab 2)',
  'stale-read':
    'a primary answers reads without asking its backups whether it still is the primary (MIT 6.824, lab 2: reads are forwarded too)',
  'ack-before-sync':
    'primary and backups count a write before it is on their disks (PostgreSQL with synchronous_commit = remote_write, Redis with appendfsync everysec)',
  'promotes-anyone':
    'the view service promotes whoever is alive, also who was never a backup with all of the state (Kafka with unclean.leader.election.enable)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

/**
 * Mistakes that real quorum systems have made, each behind `--bug`. The correct code is the other branch of an `if` where
 * the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'first-answer':
    'a read returns the first of R answers, not the newest of them (Gifford 1979: the current version is the highest of a read quorum)',
  'last-arrival':
    'a replica keeps whatever arrives last, and does not look at versions: a late copy undoes a newer one (DeCandia et al. 2007, §4.4)',
  'counts-sent':
    'a write is confirmed once it was sent to W replicas, whether or not they have it (DeCandia et al. 2007, §4.5: W is who has answered)',
  'ack-before-sync':
    'a replica confirms what is not on its disk yet (Cassandra with commitlog_sync: periodic, by default)',
  'numbers-by-client':
    'a version is numbered by what its client had seen, not by what its replica has: two writes that did not know of each other get the same number, and one is lost (Preguiça et al. 2010, §3)',
  'drops-siblings':
    'of two versions that did not know of each other a replica keeps its own (DeCandia et al. 2007, §4.4 keep both)',
  'hints-in-memory':
    'what a node holds in another’s stead it forgets to hand over when it restarts (DeCandia et al. 2007, §4.6 keep hints in a database of their own)',
  'drops-hints-early': 'a hint is dropped when it is sent, not when it has arrived',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

/**
 * Mistakes that real lock services have made, each behind `--bug`. The correct code is the other branch of an `if` where
 * the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'ticket-before-sync':
    'a ticket is handed out before the count is on the disk: after a crash the same number is handed out again (Lamport 1974: numbers only grow)',
  'forgets-holder':
    'who holds a lock is kept in memory alone: after a restart everybody may have it (Redis without appendfsync=always under Redlock; Kleppmann 2016)',
  'releases-any':
    'a release does not look whose it is: a holder whose lease has run out gives back what is another’s (the Redis manual on DEL after SET NX)',
  'no-lease-after-restart':
    'the end of a lease is a timer and nothing else: what was held when the office restarts is held for ever',
  'token-from-clock':
    'the fencing token is the time of day, which jumps back (Kleppmann 2016: it has to be a counter)',
  'guard-forgets':
    'what is protected keeps the largest token in memory alone: after a restart whoever was overtaken is let in',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

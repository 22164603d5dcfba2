/**
 * Mistakes that real sharded stores have made, each behind `--bug`. The correct code is the other branch of an `if` where
 * the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'serves-anything':
    'a node answers for whatever it is asked, also what it does not own: whoever routes by an old map writes where nobody reads (memcached behind clients whose lists of servers differ)',
  'serves-while-moving':
    'a node goes on serving what it is handing over until it has been received: what was written meanwhile is lost (MongoDB, SERVER-20290 and others: writes during a chunk’s migration)',
  'forgets-what-left':
    'that a slot was given away is kept in memory alone: after a restart the node owns it again (Redis Cluster without nodes.conf, where slots are claimed twice)',
  'receives-again':
    'a slot that is sent again, because the answer was lost, overwrites what was written to it since (a transfer that is not idempotent)',
  'deletes-first':
    'what is sent is deleted before anybody has confirmed it: where it does not arrive, it is gone (Redis: MIGRATE deletes only after the target has said OK)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

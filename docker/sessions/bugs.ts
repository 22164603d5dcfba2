/**
 * Mistakes that real session stores have made, each behind `--bug`. The correct code is the other branch of an `if` where
 * the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'replicates-later':
    'a write is confirmed by the node that has it and replicated some time after (Tomcat’s BackupManager with an asynchronous channelSendOptions)',
  'reads-own-copy':
    'a node that has a copy of a session answers from it, however old: one that was down comes back with what was there before (Hazelcast and others with “read backup data”)',
  'central-before-sync':
    'the central store confirms what is not on its disk yet (Redis as a session store with appendfsync everysec)',
  'cookie-not-renewed':
    'the cookie is set when the session begins, and not again when it changes (Set-Cookie left out where a cookie came with the request)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

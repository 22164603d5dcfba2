/**
 * Mistakes that real gossip has made, each behind `--bug`. The correct code is the other branch of an `if` where the mistake
 * would be made: look for `bug ===`.
 */
export const bugs = {
  'restarts-numbers':
    'a node that was restarted numbers its updates from 1 again, and everybody thinks that they have them (Cassandra numbers the lives of a node for this: its generation)',
  'digest-of-highest':
    'a digest tells the highest number that was heard, whatever is missing below it (a version vector stands for a prefix: Petersen et al. 1997, Bayou, §3)',
  'ack-before-sync':
    'a broadcast is taken before it is on the disk of the node that was asked (Demers et al. 1987, §1.1: an update is injected at a single site)',
  'assumes-delivery':
    'a node takes what it has sent to another for what the other has, and does not send it again (Demers et al. 1987, §1.2: mail may be lost, hence anti-entropy, which looks)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

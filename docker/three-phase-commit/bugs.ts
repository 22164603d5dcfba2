/**
 * Mistakes that real implementations of three-phase commit have made, each behind `--bug`. The correct code is the other
 * branch of an `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'timeouts-alone':
    'no termination protocol: whoever waits for a preCommit in vain aborts, whoever waits for a doCommit in vain commits, and nobody asks anybody (so it is drawn in many lecture notes, which is enough for two nodes; Skeen 1981 asks for more)',
  'commits-with-the-votes':
    'the coordinator commits once it has every vote, as in two-phase commit, and sends the preCommit after that: when it dies, nobody else may have it (Skeen 1981: no state next to a commit may leave others uncertain)',
  'own-state-decides':
    'whoever takes over decides from what it knows itself, without asking how far the others are (Skeen 1981: states are to be collected, or made equal, first)',
  'recovers-alone':
    'a node that comes back decides from its own log: what it had not precommitted it aborts, what it had it commits (Skeen & Stonebraker 1983: no protocol allows that where more than one site may fail)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

/**
 * Mistakes that real implementations of two-phase commit have made, each behind `--bug`. The correct code is the other
 * branch of an `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'vote-before-sync':
    'a participant votes yes before its yes is on the disk: after a crash it knows nothing of what it promised (Bernstein, Hadzilacos & Goodman 1987, chapter 7; MySQL bug 12161 and MariaDB MDEV-742 forgot what was prepared)',
  'commit-before-sync':
    'the coordinator tells everybody to commit before its own record of that is on the disk: after a crash it presumes abort (Gray 1978)',
  'impatient-participant':
    'whoever is in doubt for a second aborts by itself (X/Open XA calls it a heuristic decision: XA_HEURRB)',
  'silence-is-consent':
    'the coordinator takes a vote that did not come in time for a yes (Bernstein, Hadzilacos & Goodman 1987, chapter 7: a timeout is a no)',
  'no-undo':
    'before-images are kept in memory alone: what is aborted after a restart is not undone (Mohan et al. 1992, ARIES: undo is written ahead)',
  'forgets-early':
    'the coordinator forgets a commit once anybody has acknowledged it, and presumes abort when the others ask (Mohan, Lindsay & Obermarck 1986)',
  'majority-commits':
    'a majority of yes votes is enough to commit (Bernstein, Hadzilacos & Goodman 1987, AC3)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

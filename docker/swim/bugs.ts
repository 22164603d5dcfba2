/**
 * Mistakes that real implementations of SWIM and its kin have made, each behind `--bug`. The correct code is the other branch
 * of an `if` where the mistake would be made: look for `bug ===`.
 */
export const bugs = {
  'no-refutation':
    'a member that hears that it is suspected says nothing against it (Das, Gupta & Motivala 2002, §4.2: it answers with a higher incarnation)',
  'dead-for-ever':
    'whoever counted as dead once is never believed alive again, whatever its incarnation (Das, Gupta & Motivala 2002, §4.2, where confirm overrides all and a process comes back under another name; here it has only one)',
  'resets-suspicion':
    'every new suspicion begins the time anew that a suspect has: where all suspect it again and again, it never ends (Das, Gupta & Motivala 2002, §4.2)',
  'hasty-proxy':
    'whoever is asked to ping another says at once that it is alive, and does not wait for its answer (Das, Gupta & Motivala 2002, §3.1)',
  'forgets-to-ask-again':
    'a member that once answered is taken out of the round and pinged no more (Das, Gupta & Motivala 2002, §4.3: a new order each time round)',
} as const;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

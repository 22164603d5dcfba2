/**
 * What a protocol's museum holds: its seeded bugs and its own known flaws, each with the smallest trial that shows it, and
 * the trials that the correct protocol has to stand. `npm run calibrate` runs them all.
 */
export interface Museum<Bug extends string = string> {
  readonly bugs: Readonly<Record<Bug, Exhibit>>;
  /** Flaws of the correct protocol, as the literature has them: what it breaks, and under what. */
  readonly flaws?: Readonly<Record<string, Exhibit & { readonly about: string }>>;
  /** What it must never be accused under. */
  readonly clean: readonly Trial[];
}

/** What `labrys test` is asked, but for the system, the bug and the seed. */
export interface Trial {
  readonly workload: string;
  readonly nemesis?: string;
  /** How long it is driven. Default `60s`, the most that an exhibit may need. */
  readonly time?: string;
  readonly nodes?: number;
  /** Operations a second, of all clients together. */
  readonly rate?: number;
  readonly quorum?: 'never' | 'always' | 'mix';
  readonly options?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

export interface Exhibit extends Trial {
  /** The kinds of anomaly that show it; any of them will do. */
  readonly shows: readonly string[];
}

/** What a register, a set or a queue that is not linearizable is accused of, in the words of the checker. */
export const NOT_LINEARIZABLE = [
  'stale read',
  'lost write',
  'lost update',
  'aborted read',
  'read from the future',
  'not linearizable',
] as const;

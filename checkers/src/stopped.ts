/** Where a check was when it met a limit. */
export interface Stop {
  /** Which limit: `out of time`, `out of memory: the search holds 12 MB`. */
  readonly limit: string;
  /** How far that was: `8192 of 40000 operations`, `12 of 40 keys`. */
  readonly after: string;
  /** What is certain all the same, whatever the rest holds; nothing where left out. */
  readonly proven?: string | undefined;
  readonly advice?: string;
}

/** What an `unknown` says for which a limit is to blame: how far the check got, what is proven meanwhile, and what to try. */
export function stopped({ limit, after, proven = 'nothing', advice = adviceOn(limit) }: Stop): string {
  return `${limit} after ${after}. Proven meanwhile: ${proven}. Try ${advice}.`;
}

function adviceOn(limit: string): string {
  return `more ${limit.startsWith('out of memory') ? 'memory' : 'time'}, or a shorter history`;
}

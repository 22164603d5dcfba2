import { UsageError } from '../errors.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `60s`, `1.5m`, `2h`, as milliseconds. A number alone is refused: nobody remembers what it would mean. */
export function parseDuration(text: string, flag = 'duration'): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (units[unit ?? ''] ?? Number.NaN);
  if (!(ms > 0 && ms <= 7 * 24 * 3_600_000))
    throw new UsageError(`${flag} ${text}: should be a duration of up to a week`, {
      hint: 'Like 500ms, 60s, 5m or 2h.',
    });
  return ms;
}

/** The other way round, in seconds where they are whole. */
export function printDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/**
 * A fault as the command line names it: `partition`, one way of it, `partition:halves`, at a node in a role, `kill:@follower`, or a file,
 * `./my-fault.ts:one`.
 */
export interface NamedFault {
  /** A name that `labrys list` shows, or the path of a user's own file. */
  readonly name: string;
  readonly variant?: string;
}

/** `partition,kill:leader`; `none` is no fault at all. Whether there are such faults is for others to say. */
export function parseNemesis(text: string): readonly NamedFault[] {
  if (text.trim() === 'none') return [];
  return text.split(',').map((part) => {
    const [, name, variant] = /^([a-z0-9-]+|\S+\.[cm]?[jt]s)(?::(@?[a-z0-9-]+))?$/.exec(part.trim()) ?? [];
    if (name === undefined)
      throw new UsageError(`--nemesis ${text}: ${JSON.stringify(part)} names no fault`, {
        hint: 'Like partition,kill:leader,./my-fault.ts, or none. `npx labrys list faults` shows what there is.',
      });
    return variant === undefined ? { name } : { name, variant };
  });
}

/** Operations per second, or `max`: as fast as replies come. */
export function parseRate(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0 || rate > 1_000_000)
    throw new UsageError(`--rate ${text}: should be a number of operations per second, or max`, {
      hint: 'Like --rate 200.',
    });
  return rate;
}

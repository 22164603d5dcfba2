import type { History } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { READ, registerSteps } from '../linearizable/register/steps.ts';
import { agesOf, type Ages } from './ages.ts';
import { bounds, type Bounds } from './bounds.ts';
import { conflicts, type Conflict } from './slack.ts';
import { versionsOf, type Versions } from './versions.ts';

/** What a history is held to. */
export interface Limits {
  readonly k: number;
  readonly deltaMs: number;
  readonly initial: unknown;
}

/** All that was measured, before anything is said about it. Keys are at key + 1. */
export interface Judged {
  readonly versions: Versions;
  readonly ages: Ages;
  readonly slack: readonly Conflict[];
  readonly bounds: Bounds;
  /**
   * Nanoseconds by which reads would have to have begun earlier, at least, for keys that are not exact. More than 0 where
   * a key is not linearizable, however coarse the clock; NaN where there was none.
   */
  readonly delta: Float64Array;
  readonly tooManyVersions: readonly number[];
  readonly tooLong: readonly number[];
  /** Keys of which it is not known. */
  readonly open: readonly number[];
}

const MOVES = { read: 'read', write: 'write', cas: 'cas' } as const;

/** `undefined` when time is up. */
export function judge(history: History, { k, deltaMs, initial }: Limits, budget: Budget): Judged | undefined {
  const versions = versionsOf(registerSteps(history, MOVES, initial, budget), budget);
  const ages = agesOf(versions, budget);
  const slack = conflicts(versions, ages, budget);
  const found = bounds(versions, ages, slack, k === Infinity || k === 2, budget);
  if (!found) return undefined;
  const delta = deltas(versions, ages, slack);
  const most = deltaMs * 1e6;
  const keys = Array.from(delta.keys());
  return {
    versions,
    ages,
    slack,
    bounds: found,
    delta,
    tooManyVersions: keys.filter((key) => (found.low[key] as number) > k),
    tooLong: keys.filter((key) => (delta[key] as number) > most),
    open: keys.filter(
      (key) =>
        (found.high[key] as number) > k ||
        (deltaMs < Infinity && (!versions.exact[key] || Number.isNaN(delta[key]))),
    ),
  };
}

export function isBroken({ versions, tooManyVersions, tooLong }: Judged): boolean {
  return versions.unexplained.length + tooManyVersions.length + tooLong.length > 0;
}

function deltas({ steps, exact }: Versions, ages: Ages, slack: readonly Conflict[]): Float64Array {
  const { kind, history, length } = steps;
  const delta = new Float64Array(exact.length);
  for (const { key, nanoseconds } of slack) delta[key + 1] = Math.max(nanoseconds, Number.MIN_VALUE);
  if (!exact.includes(0)) return delta;
  for (let i = 0; i < length; i++) {
    const k = (history.key[i] as number) + 1;
    if (kind[i] === READ && !exact[k]) delta[k] = Math.max(delta[k] as number, ages.nanoseconds[i] as number);
  }
  return delta;
}

import type { RunVerdict } from '../../record/result.ts';
import { slower } from './slower.ts';
import type { TrendLine } from './trend.ts';

/** What a test came to on one night, over all its seeds. `found` and `missed` are of tests with a planted bug. */
export type Outcome = RunVerdict | 'found' | 'missed';

/** A test on one night. */
export interface Night {
  readonly night: string;
  readonly outcome: Outcome;
  /** The run that the outcome is from. */
  readonly worst: TrendLine;
  readonly lines: readonly TrendLine[];
}

export interface Test {
  readonly test: string;
  /** In order; not every test runs every night. */
  readonly nights: readonly Night[];
  /** Since the test last ran before the latest night of all; nothing where all is as it was, and well. */
  readonly change?: Change;
}

export type Change =
  | { readonly kind: 'new' | 'missed' | 'undecided' | 'could-not-run' | 'fixed' | 'not run' }
  /** A violation that was there before: for so many nights in a row. */
  | { readonly kind: 'still'; readonly nights: number }
  | { readonly kind: 'slower'; readonly what: string };

/** Whatever needs somebody comes first. */
const URGENCY = [
  'new',
  'missed',
  'still',
  'could-not-run',
  'undecided',
  'slower',
  'not run',
  'fixed',
] as const;

const urgency = ({ change }: Test): number =>
  change === undefined ? URGENCY.length : URGENCY.indexOf(change.kind);

export interface Campaign {
  /** The days on which anything ran, in order. */
  readonly nights: readonly string[];
  /** Those that need somebody first, then by name. */
  readonly tests: readonly Test[];
}

/** All that the trend tells: every test over the nights, and what changed on the last of them. */
export function campaignOf(lines: readonly TrendLine[]): Campaign {
  const nights = [...new Set(lines.map(({ night }) => night))].toSorted();
  const tonight = nights.at(-1);
  const byTest = Map.groupBy(lines, ({ test }) => test);
  const tests = [...byTest].map(([test, of]): Test => {
    const through = [...Map.groupBy(of, ({ night }) => night)]
      .map(([night, on]) => nightOf(night, on))
      .toSorted((a, b) => (a.night < b.night ? -1 : 1));
    const change = changeOf(through, tonight, nights.at(-2));
    return { test, nights: through, ...(change && { change }) };
  });
  return { nights, tests: tests.toSorted((a, b) => urgency(a) - urgency(b) || (a.test < b.test ? -1 : 1)) };
}

const WORST: readonly RunVerdict[] = ['violation', 'could-not-run', 'undecided', 'pass'];

function nightOf(night: string, lines: readonly TrendLine[]): Night {
  const worst = lines.toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict))[0] as TrendLine;
  return { night, outcome: outcomeOf(worst), worst, lines };
}

/** A planted bug turns it around: what should be found, and was not, is what somebody has to look at. */
function outcomeOf({ bug, verdict }: TrendLine): Outcome {
  if (bug === undefined || verdict === 'could-not-run') return verdict;
  return verdict === 'violation' ? 'found' : 'missed';
}

/** `tonight` and `before` are the last two nights on which anything ran at all. */
function changeOf(
  nights: readonly Night[],
  tonight: string | undefined,
  before: string | undefined,
): Change | undefined {
  const [now, previous] = [nights.at(-1) as Night, nights.at(-2)];
  if (now.night !== tonight) return now.night === before ? { kind: 'not run' } : undefined;
  switch (now.outcome) {
    case 'violation': {
      const row = nights.length - 1 - nights.findLastIndex(({ outcome }) => outcome !== 'violation');
      return row === 1 ? { kind: 'new' } : { kind: 'still', nights: row };
    }
    case 'missed':
    case 'undecided':
    case 'could-not-run':
      return { kind: now.outcome };
    case 'found':
      return undefined;
    case 'pass': {
      if (previous?.outcome === 'violation') return { kind: 'fixed' };
      const what = slower(nights.map(({ worst }) => worst));
      return what === undefined ? undefined : { kind: 'slower', what };
    }
  }
}

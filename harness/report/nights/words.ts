import type { Outcome, Test } from './nights.ts';
import type { TrendLine } from './trend.ts';
import { name, systemName } from '../words.ts';

export type Tone = 'good' | 'bad' | 'warn';

/** How an outcome is shown: never by its colour alone. */
export const shown: Readonly<
  Record<Outcome, { readonly glyph: string; readonly tone: Tone; readonly says: string }>
> = {
  violation: { glyph: '✗', tone: 'bad', says: 'violation' },
  missed: { glyph: '!', tone: 'bad', says: 'seeded bug missed' },
  'could-not-run': { glyph: '!', tone: 'warn', says: 'could not run' },
  undecided: { glyph: '?', tone: 'warn', says: 'undecided' },
  pass: { glyph: '✓', tone: 'good', says: 'passed' },
  found: { glyph: '✓', tone: 'good', says: 'seeded bug found' },
};

/** `toykv · register`. */
export function subjectOf({ system, workload }: TrendLine): string {
  return `${systemName(system)} · ${systemName(workload)}`;
}

/** `partition + kill, 5 nodes, docker, bug stale-read`: what tells tests of the same subject apart. */
export function detailOf({ faults, bug, test }: TrendLine): string {
  const options = [...test.matchAll(/ --(?:runtime|nodes|option|with|quorum) (\S+)/g)].map(([, of]) =>
    name(of ?? '', 40),
  );
  return [
    faults.map((fault) => name(fault, 24)).join(' + ') || 'no faults',
    ...options,
    ...(bug === undefined ? [] : [`bug ${name(bug)}`]),
  ].join(', ');
}

/** The change of a test in two words at most, and how it is to be taken. */
export function changeWords({ change }: Test): { readonly says: string; readonly tone: Tone } | undefined {
  if (change === undefined) return undefined;
  switch (change.kind) {
    case 'new':
      return { says: 'new', tone: 'bad' };
    case 'still':
      return { says: `${ordinal(change.nights)} night`, tone: 'bad' };
    case 'missed':
      return { says: 'bug missed', tone: 'bad' };
    case 'could-not-run':
      return { says: 'could not run', tone: 'warn' };
    case 'fixed':
      return { says: 'fixed', tone: 'good' };
    default:
      return { says: change.kind, tone: 'warn' };
  }
}

function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

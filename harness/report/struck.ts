import type { Mark } from 'knossos-js';
import type { Evidence } from '../fault.ts';

/** A fault that was tried, as the history's marks tell it. Times are seconds since the run began. */
export interface Struck {
  /** `partition`. */
  readonly name: string;
  /** In full: `partition n1 | n2 n3`. */
  readonly what: string;
  readonly nodes: readonly string[];
  readonly from: number;
  /** Absent where no mark says that it was healed. */
  readonly to?: number;
  readonly evidence: Evidence;
  /** Whether it was in force at all; a fault that found nothing to do, or could not be injected, was not. */
  readonly inForce: boolean;
}

/** The faults among the marks: those that carry a probe's evidence, but for the heals, which carry their own. */
export function struckBy(marks: readonly Mark[]): Struck[] {
  const ends = new Map(
    marks.flatMap((mark) => (mark.ends === undefined ? [] : [[mark.ends, mark] as const])),
  );
  const found = marks.flatMap((mark): Struck[] => {
    const evidence = evidenceOf(mark);
    if (evidence === undefined || mark.ends !== undefined || mark.name === 'heal') return [];
    const end = ends.get(mark.index);
    const kind = mark.details?.['fault'];
    const since = mark.details?.['since'];
    const inForce = mark.name !== 'skipped' && mark.name !== 'failed';
    return [
      {
        name: typeof kind === 'string' ? kind : mark.name,
        what: inForce ? mark.what : [kind, mark.details?.['variant']].filter(Boolean).join(' ') || mark.what,
        nodes: mark.nodes ?? [],
        from: (typeof since === 'number' ? since : mark.time) / 1e9,
        ...(end && { to: end.time / 1e9 }),
        evidence,
        inForce,
      },
    ];
  });
  return found.toSorted((a, b) => a.from - b.from);
}

function evidenceOf({ details }: Mark): Evidence | undefined {
  const evidence = details?.['evidence'];
  return typeof evidence === 'object' && evidence !== null && 'outcome' in evidence
    ? (evidence as Evidence)
    : undefined;
}

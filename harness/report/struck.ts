import type { Mark } from 'knossos-js';
import type { Evidence } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';

/** A fault that struck, as the history's marks tell it. Times are seconds since the run began. */
export interface Struck {
  readonly name: string;
  readonly what: string;
  readonly nodes: readonly string[];
  readonly from: number;
  /** Absent where no mark says that it was healed. */
  readonly to?: number;
  readonly evidence?: Evidence;
}

/** The faults among the marks: those with a name that was planned, or that carry a probe's evidence. */
export function struckBy(plan: Plan, marks: readonly Mark[]): Struck[] {
  const planned = new Set(plan.strikes.map(({ fault }) => fault));
  const ends = new Map(
    marks.flatMap((mark) => (mark.ends === undefined ? [] : [[mark.ends, mark] as const])),
  );
  return marks
    .filter((mark) => mark.ends === undefined && (planned.has(mark.name) || evidenceOf(mark) !== undefined))
    .map((mark): Struck => {
      const end = ends.get(mark.index);
      const evidence = evidenceOf(mark);
      return {
        name: mark.name,
        what: mark.what,
        nodes: mark.nodes ?? [],
        from: mark.time / 1e9,
        ...(end && { to: end.time / 1e9 }),
        ...(evidence && { evidence }),
      };
    });
}

function evidenceOf({ details }: Mark): Evidence | undefined {
  const evidence = details?.['evidence'];
  return typeof evidence === 'object' && evidence !== null && 'outcome' in evidence
    ? (evidence as Evidence)
    : undefined;
}

import type { CausalBase } from '../base.ts';

/** Places from … to, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Overlapping stretches as one, in order. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}

/** Everyone in some stretches, and everyone who reads from somebody in them. */
export function concerned(
  base: CausalBase,
  order: Int32Array,
  stretches: readonly Stretch[],
): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { from, to } of stretches)
    for (let i = from; i <= to; i++) {
      const t = order[i] as number;
      found.add(t);
      for (let r = base.readersStart[t] as number; r < (base.readersStart[t + 1] as number); r++)
        found.add(base.readers[r] as number);
    }
  return found;
}

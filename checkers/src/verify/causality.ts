import { inFamily } from './try-orders.ts';
import type { Part } from './part.ts';
import { NOTHING } from './recorded.ts';
import type { Row, Step } from './recorded.ts';

/** Who has read from whom among a few operations, and who came before whom by that and by sessions. */
export interface Causality {
  /** Came earlier in the same session. */
  session(a: Row, b: Row): boolean;
  /** Wrote something that the other read. */
  read(a: Row, b: Row): boolean;
  /** Along sessions and reads, however long the way. */
  before(a: Row, b: Row): boolean;
}

export function causality({ rows }: Part): Causality {
  const session = inFamily('process', rows);
  const read = (a: Row, b: Row): boolean =>
    a !== b && externalReads(b).some(({ step }) => step.value !== NOTHING && wrote(a, step.key, step.value));
  const past = new Map(
    rows.map((row) => [row, new Set(rows.filter((a) => session(a, row) || read(a, row)))]),
  );
  for (let grown = true; grown;) {
    grown = false;
    for (const known of past.values())
      for (const near of Array.from(known))
        for (const far of past.get(near) ?? []) {
          if (known.has(far)) continue;
          known.add(far);
          grown = true;
        }
  }
  return { session, read, before: (a, b) => past.get(b)?.has(a) ?? false };
}

/** Reads of registers that the transaction had not written before, with their places. */
export function externalReads({
  steps,
}: Row): { readonly step: Step & { value: string }; readonly at: number }[] {
  return steps.flatMap((step, at) =>
    step.f === 'read' && !steps.slice(0, at).some(({ f, key }) => f === 'write' && key === step.key)
      ? [{ step, at }]
      : [],
  );
}

/** Whether a value is what a transaction left in a register, or any value if none is given. */
export function wrote({ steps }: Row, key: string, value?: string): boolean {
  return steps.some(
    (step) => step.f === 'write' && step.key === key && (value === undefined || step.value === value),
  );
}

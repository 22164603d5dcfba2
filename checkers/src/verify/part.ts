import { NOTHING } from './recorded.ts';
import type { Recorded, Row, Step } from './recorded.ts';

/**
 * The operations of a counterexample, with what the rest of the history says about where their reads came from:
 *
 * - what one other wrote was written once, at some time: of its writer that is kept, and nothing else;
 * - what others appended to lists is cut out of them, and what one of several others may have written is not looked at;
 * - what nobody wrote, or only somebody who failed, stays: nothing explains it.
 *
 * A legal history stays legal when others are cut out of it like this, so a part that is illegal proves that the whole is.
 */
export interface Part {
  /** In the order of the history. */
  readonly rows: readonly Row[];
  /** The operations alone, with nothing cut out of what they read. */
  readonly whole: readonly Row[];
  /** Who wrote what was read, by {@link nameOf}. */
  readonly writers: ReadonlyMap<string, readonly Row[]>;
}

export function partOf(history: Recorded, ids: readonly number[]): Part | string {
  const inside = new Set(ids);
  const writers = new Map<string, Row[]>();
  for (const id of inside) {
    const row = history.row(id);
    if (!row) return `there is no operation ${id}`;
    for (const step of row.steps)
      if (step.f === 'read' && step.value !== NOTHING) writers.set(nameOf(step.key, step.value), []);
      else if (step.f === 'list') for (const each of step.value) writers.set(nameOf(step.key, each), []);
  }
  const whole: Row[] = [];
  for (const row of history.rows()) {
    for (const { f, key, value } of row.steps)
      if (f === 'write' || f === 'append') writers.get(nameOf(key, value))?.push(row);
    if (inside.has(row.id)) whole.push(row);
  }
  const possible = (key: string, value: string): readonly Row[] =>
    (writers.get(nameOf(key, value)) ?? []).filter(({ outcome }) => outcome !== 'fail');
  const others = new Map<number, Set<string>>();
  const cut = (step: Step): Step[] => {
    if (step.f === 'list') {
      const value = step.value.filter((each) => possible(step.key, each).every(({ id }) => inside.has(id)));
      return [{ ...step, value }];
    }
    if (step.f !== 'read' || step.value === NOTHING) return [step];
    const by = possible(step.key, step.value);
    const [other] = by.filter(({ id }) => !inside.has(id));
    if (!other) return [step];
    if (by.length > 1) return [];
    others.set(other.id, (others.get(other.id) ?? new Set()).add(nameOf(step.key, step.value)));
    return [step];
  };
  const rows = whole.map((row) => ({ ...row, steps: row.steps.flatMap(cut) }));
  return {
    rows: [...rows, ...[...others].map(([id, wrote]) => someTime(history.row(id) as Row, wrote))],
    whole,
    writers,
  };
}

/** What one wrote, done at some time by somebody. */
function someTime({ id, steps }: Row, wrote: ReadonlySet<string>): Row {
  return {
    id,
    process: Number.NaN,
    outcome: 'info',
    call: -Infinity,
    return: Infinity,
    steps: steps.filter(({ f, key, value }) => f === 'write' && wrote.has(nameOf(key, value))),
  };
}

export function nameOf(key: string, value: string): string {
  return `${key} ${value}`;
}

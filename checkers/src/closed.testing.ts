import { expect } from 'vitest';
import type { Checker, Verdict } from './checker.ts';
import type { History } from './history.ts';
import { plenty } from './linearizable/testing.ts';
import { select } from './table/table.ts';

/** Judges a history, and holds every counterexample to what is promised of it: alone, it shows the same anomaly. */
export function judge(checker: Checker, history: History): Verdict {
  const verdict = checker.check(history, plenty()) as Verdict;
  for (const { kind, operations } of verdict.anomalies) {
    const rows = operations.toSorted((a, b) => a - b);
    expect(new Set(rows).size, 'no operation twice').toBe(rows.length);
    const alone = checker.check(select(history, rows), plenty()) as Verdict;
    expect(alone.valid, `${kind} alone is a violation`).toBe(false);
    expect(alone.anomalies.map((anomaly) => anomaly.kind)).toContain(kind);
  }
  return verdict;
}

import type { Anomaly } from '../checker.ts';
import type { Transactions } from './columns.ts';
import { weakestForbidding } from './levels.ts';
import type { Class, Forbidden } from './levels.ts';

/** Something wrong that is no cycle. */
export interface Finding {
  readonly kind: string;
  readonly class: Class;
  readonly key: number;
  readonly transactions: readonly number[];
  readonly explanation: string;
}

/** So many examples are kept of each kind, for each of what it forbids. */
const KEPT = 4;

/** Collects findings, a few of each kind, and counts them all. */
export class Findings {
  readonly found: Finding[] = [];
  readonly counts: Record<string, number> = {};
  /** What is forbidden by what was found, those of which no example was kept included. */
  readonly classes: Set<Class> = new Set();
  readonly #kept = new Map<string, number>();

  add(finding: Omit<Finding, 'explanation'>, explain: () => string): void {
    this.classes.add(finding.class);
    this.counts[finding.kind] = (this.counts[finding.kind] ?? 0) + 1;
    const alike = `${finding.kind}, ${finding.class}`;
    const kept = (this.#kept.get(alike) ?? 0) + 1;
    this.#kept.set(alike, kept);
    if (kept <= KEPT) this.found.push({ ...finding, explanation: explain() });
  }
}

/** What the findings forbid: data alone shows them. */
export function dataClasses({ classes }: Findings): Forbidden[] {
  return [...classes].map((each) => ({ family: 'data', class: each }));
}

export function findingsAsAnomalies(txns: Transactions, findings: Findings): Anomaly[] {
  return findings.found.map(({ kind, class: forbidden, transactions, explanation, key }) => ({
    kind,
    forbiddenBy: weakestForbidding({ family: 'data', class: forbidden }),
    key: txns.keys[key] as NonNullable<Anomaly['key']>,
    operations: transactions.map((t) => txns.operation[t] as number),
    explanation,
  }));
}

import type { Anomaly } from '../checker.ts';
import type { CausalLevel } from '../causal/causal.ts';
import { causality, externalReads, wrote } from './causality.ts';
import type { Causality } from './causality.ts';
import { partOf } from './part.ts';
import type { Part } from './part.ts';
import { phenomena } from './phenomena.ts';
import { NOTHING } from './recorded.ts';
import type { Recorded, Row } from './recorded.ts';
import { tryOrders } from './try-orders.ts';

/** Checks by the definitions that some operations are not causally consistent, whatever else the history holds. */
export function wrongCausality(history: Recorded, anomaly: Anomaly, level: CausalLevel): string | undefined {
  const part = partOf(history, anomaly.operations);
  if (typeof part === 'string') return part;
  const found = phenomena(part);
  if (found.has('dirty write') || found.has('dirty read')) return undefined;
  if (found.has('single') && level !== 'read committed') return undefined;
  const knows = causality(part);
  const { rows } = part;
  if (rows.some((row) => knows.before(row, row))) return undefined;
  const explained =
    level === 'CC' || level === 'CM'
      ? eachForItself(part, knows, level === 'CM')
      : inOneOrder(part, knows, level);
  return explained === true
    ? `the operations of the ${anomaly.kind} are ${level}`
    : explained === false
      ? undefined
      : `the operations of the ${anomaly.kind} are too many to try all orders`;
}

/** CC: the past of everyone has an order that explains what it read; CM: and what its session had read before. */
function eachForItself({ rows }: Part, knows: Causality, whole: boolean): boolean | undefined {
  let all: boolean | undefined = true;
  for (const row of rows) {
    const past = rows
      .filter((other) => other === row || knows.before(other, row))
      .map((other) => (other === row || (whole && knows.session(other, row)) ? other : withoutReads(other)))
      // What somebody has seen did happen, whether its client knows or not.
      .map((other) => ({ ...other, outcome: 'ok' as const }));
    const byId = new Map(rows.map((each) => [each.id, each]));
    const whoIs = ({ id }: Row): Row => byId.get(id) as Row;
    const explained = tryOrders(past, { precedes: (a, b) => knows.before(whoIs(a), whoIs(b)) });
    if (explained === false) return false;
    if (explained === undefined) all = undefined;
  }
  return all;
}

export function withoutReads(row: Row): Row {
  return { ...row, steps: row.steps.filter(({ f }) => f === 'write' || f === 'append') };
}

/**
 * The axioms of Biswas and Enea (2019): whoever a transaction has seen, and who wrote what it read of somebody else, was
 * there before that one. The history keeps the level when no circle comes of it.
 */
function inOneOrder({ rows }: Part, knows: Causality, level: CausalLevel): boolean {
  const next = new Map<Row, Set<Row>>(
    rows.map((a) => [a, new Set(rows.filter((b) => knows.session(a, b) || knows.read(a, b)))]),
  );
  for (const reader of rows)
    for (const { step, at } of externalReads(reader)) {
      const from = rows.find((row) => row !== reader && wrote(row, step.key, step.value));
      for (const other of rows) {
        if (other === reader || other === from || !wrote(other, step.key)) continue;
        if (!hasSeen(reader, at, other, knows, level)) continue;
        if (step.value === NOTHING) return false;
        if (from) next.get(other)?.add(from);
      }
    }
  return !hasCircle(next);
}

function hasSeen(reader: Row, at: number, other: Row, knows: Causality, level: CausalLevel): boolean {
  if (level === 'CCv') return knows.before(other, reader);
  if (level === 'read atomic') return knows.session(other, reader) || knows.read(other, reader);
  return externalReads(reader).some(
    ({ step, at: earlier }) => earlier < at && step.value !== NOTHING && wrote(other, step.key, step.value),
  );
}

/** Whether something is left when whoever has nobody before it is taken away, again and again. */
function hasCircle(next: ReadonlyMap<Row, ReadonlySet<Row>>): boolean {
  let left = [...next.keys()];
  for (;;) {
    const kept = left.filter((row) => left.some((before) => next.get(before)?.has(row)));
    if (kept.length === left.length) return left.length > 0;
    left = kept;
  }
}

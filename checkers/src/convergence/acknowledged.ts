import { anomaly } from '../anomaly.ts';
import type { Anomaly, CheckContext, Verdict } from '../checker.ts';
import { counterBounds } from '../counter-bounds/counter-bounds.ts';
import type { History } from '../history.ts';
import { print } from '../models/print.ts';
import { regularRegister } from '../regular/regular.ts';
import { select } from '../table/table.ts';
import { canonical } from '../table/values.ts';
import { at, placed, who } from '../words.ts';
import { elementsOf, isRemoval, updated } from './contents.ts';
import { replicaOf, type Replicas } from './replicas.ts';

/** Where what was read last is not what was acknowledged: by the rules of what the key holds. */
export function unacknowledged(history: History, replicas: Replicas, context: CheckContext): Anomaly[] {
  if (replicas.kind === 'set' || replicas.kind === 'list') return elements(history, replicas);
  const rows = [...replicas.updates, ...replicas.finals.values()].toSorted((a, b) => a - b);
  const checker = replicas.kind === 'register' ? regularRegister() : counterBounds();
  const { anomalies } = checker.check(select(history, rows), context) as Verdict;
  return anomalies.map((found) => ({
    ...found,
    operations: found.operations.map((id) => rows[id] as number),
  }));
}

/** Elements that were acknowledged and that no node has, and elements that some node has though nobody put them in. */
function elements(history: History, { updates, finals, lastUpdate }: Replicas): Anomaly[] {
  const put = new Map<string, number>();
  const removed = new Set<string>();
  for (const row of updates) {
    const element = canonical(updated(history, row));
    if (isRemoval(history, row)) removed.add(element);
    else if (!put.has(element) || history.outcome[put.get(element) as number] !== 0) put.set(element, row);
  }
  const found = new Map<string, number>();
  for (const row of finals.values())
    for (const element of elementsOf(history, row)) if (!found.has(element)) found.set(element, row);
  const reads = [...finals.values()].map((row) => history.operation(row));
  const nodes = [...finals.keys()].join(', ');
  const anomalies: Anomaly[] = [];
  for (const [element, row] of put) {
    if (history.outcome[row] !== 0 || removed.has(element) || found.has(element) || reads.length === 0)
      continue;
    const update = history.operation(row);
    const what = `${who(update)}’s ${update.f} of ${print(update.input)}${placed(update, 'on')} was answered${at(update.returnTime)}`;
    anomalies.push(anomaly('lost', [update, ...reads], `${what}; in the end ${nodes} did not have it.`));
  }
  for (const [element, row] of found) {
    if (put.has(element)) continue;
    const what = `In the end ${replicaOf(history, row)} had ${element}, which nobody had put in`;
    anomalies.push(
      anomaly(
        'unexpected',
        [lastUpdate, row].map((id) => history.operation(id)),
        `${what}.`,
      ),
    );
  }
  return anomalies;
}

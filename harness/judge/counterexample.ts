import type { Anomaly, History, Operation } from 'knossos-js';
import type { Counterexample, DrawnFault, DrawnOperation } from '../record/result.ts';
import type { RecordedFault } from './faults.ts';

/** A fault that was over so many seconds before is no part of the picture, however suspect. */
const BEFORE = 1;
/** So many faults beside a handful of operations, and nobody sees the operations any more. */
const FAULTS = 6;
/** What cannot be drawn need not be written down twice. */
const MOST = 200;

/**
 * Of several anomalies, the one that a person understands soonest: few operations, then early ones. One operation alone
 * does not show what it contradicts, so that it comes after sets of four. What the promise allows proves nothing.
 */
export function plainest(anomalies: readonly Anomaly[]): Anomaly | undefined {
  const size = ({ operations: { length } }: Anomaly): number =>
    length > 1 ? length : length === 1 ? 4.5 : Infinity;
  const broken = anomalies.filter(({ allowed }) => allowed !== true);
  return (broken.length > 0 ? broken : anomalies).toSorted(
    (a, b) => size(a) - size(b) || (a.operations[0] ?? 0) - (b.operations[0] ?? 0),
  )[0];
}

export function draw(anomaly: Anomaly, history: History): DrawnOperation[] {
  return anomaly.operations
    .slice(0, MOST)
    .filter((id) => id >= 0 && id < history.length)
    .map((id) => drawn(history.operation(id)))
    .toSorted((a, b) => a.call - b.call);
}

function drawn(operation: Operation): DrawnOperation {
  const { id, process, node, f, key, input, output, outcome, callTime, returnTime } = operation;
  return {
    id,
    process,
    ...(node !== undefined && { node }),
    f,
    ...(key !== undefined && { key }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    outcome,
    call: callTime / 1e9,
    ...(outcome !== 'info' && returnTime !== Infinity && { return: returnTime / 1e9 }),
  };
}

/**
 * The faults in force while one of these operations went on, or a little before. Operations that contradict each other may
 * lie a minute apart, and what came and went in between is no part of the picture; of the rest, the latest few.
 */
export function around(
  operations: Counterexample['operations'],
  faults: readonly RecordedFault[],
): DrawnFault[] {
  return faults
    .filter((fault) => fault.evidence.outcome !== 'skipped')
    .filter((fault) =>
      operations.some(
        ({ call, return: returned = call }) =>
          fault.from <= returned && (fault.to ?? Infinity) >= call - BEFORE,
      ),
    )
    .slice(-FAULTS)
    .map(({ name, what, nodes, from: since, to }) => ({
      name,
      what,
      nodes,
      from: since,
      ...(to !== undefined && { to }),
    }));
}

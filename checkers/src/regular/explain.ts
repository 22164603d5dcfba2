import type { Anomaly } from '../checker.ts';
import type { Operation } from '../history.ts';
import { print } from '../models/print.ts';
import { apart, at, placed, they } from '../words.ts';
import type { JudgedReads } from './judge-reads.ts';
import { got, keyOf, unexplainedRead, writersOf, written } from './unexplained.ts';
import type { Disagreement } from './write-order.ts';

/** The fewest operations that show that a read returned what it cannot have found, and why. */
export function wrongRead({ steps, at: positions, events, since }: JudgedReads, row: number): Anomaly {
  const unexplained = unexplainedRead(steps, positions, row);
  if (unexplained) return unexplained;
  const { history } = steps;
  const read = history.operation(row);
  const newer = history.operation(events[since[row] as number] as number);
  // Whatever may have written it has to be shown to have been overwritten.
  const writers = writersOf(steps, row).filter(
    (writer) => (positions.call[writer] as number) < (positions.return[row] as number),
  );
  const isInitial = steps.value[row] === steps.initial;
  const which =
    writers.length === 0
      ? 'the initial value, '
      : writers.length > 1 || isInitial
        ? 'of which no write was so late, '
        : '';
  const began = which === '' ? `, begun after that of ${print(read.output)} had ended,` : '';
  const ago = apart(read.callTime - newer.returnTime, 'earlier');
  return {
    kind: 'stale read',
    ...keyOf(read),
    operations: [row, newer.id, ...writers].toSorted((a, b) => a - b),
    explanation: `${got(read)}, ${which}although ${they(newer)}’s ${newer.f} of ${written(newer)}${began} had completed ${ago}.`,
  };
}

/** The operations that show that reads cannot agree on one order of two writes. */
export function disagreement({ steps: { history } }: JudgedReads, { rows }: Disagreement): Anomaly {
  const operations = rows.map((row) => history.operation(row)).toSorted((a, b) => a.call - b.call);
  const reads = operations.filter(({ f }) => f === 'read');
  const [a, b] = operations.filter(({ f }) => f !== 'read') as [Operation, Operation];
  const after = (write: Operation, other: Operation): string => {
    const reader = reads.find((read) => print(read.output) === written(write));
    const what = reader
      ? `${they(reader)} read ${written(write)}${at(reader.callTime)}`
      : `${they(write)} began to write ${written(write)}${at(write.callTime)}`;
    return `${what}, when the write of ${written(other)} had ended, so ${written(other)} was there first`;
  };
  return {
    kind: 'write order disagreement',
    ...keyOf(a),
    operations: rows.toSorted((x, y) => x - y),
    explanation: `No order of two writes${placed(a, 'of')} suits everybody: ${after(a, b)}; ${after(b, a)}.`,
  };
}

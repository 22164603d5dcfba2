import type { Anomaly } from '../checker.ts';
import type { Key, Operation } from '../history.ts';
import type { Positions } from '../linearizable/register/positions.ts';
import { READ, REFUSED, SKIP, type RegisterSteps } from '../linearizable/register/steps.ts';
import { print } from '../models/print.ts';
import { apart, at, on, they, who } from '../words.ts';

/** Why a read cannot have returned what it did, if nobody had begun to write it by then; else `undefined`. */
export function unexplainedRead(
  steps: RegisterSteps,
  positions: Positions,
  row: number,
): Anomaly | undefined {
  const [first] = writersOf(steps, row);
  if (steps.value[row] === steps.initial || isCalledBefore(positions, first, row)) return undefined;
  const read = steps.history.operation(row);
  const found = (kind: string, other: readonly number[], why: string): Anomaly => ({
    kind,
    ...keyOf(read),
    operations: [row, ...other].toSorted((a, b) => a - b),
    explanation: `${got(read)}, ${why}.`,
  });
  if (first !== undefined) {
    const write = steps.history.operation(first);
    const later = apart(write.callTime - read.returnTime, 'later');
    return found(
      'read from the future',
      [first],
      `a value nobody had written: ${they(write)}’s ${write.f} of it began ${later}`,
    );
  }
  const rejected = rejectedWrite(read, steps);
  if (!rejected)
    return found('never written', [], 'a value nobody had written: no write of it exists in this history');
  const error = rejected.error === undefined ? '' : ` (${rejected.error})`;
  return found(
    'aborted read',
    [rejected.id],
    `but ${they(rejected)}’s ${rejected.f} of it was rejected${error}`,
  );
}

function isCalledBefore(
  { call, return: returned }: Positions,
  write: number | undefined,
  row: number,
): boolean {
  return write !== undefined && (call[write] as number) < (returned[row] as number);
}

/** Everything that wrote, or may have written, what a read returned, in order of call. */
export function writersOf({ kind, value, length, history }: RegisterSteps, read: number): number[] {
  const writers: number[] = [];
  for (let i = 0; i < length; i++)
    if (
      kind[i] !== SKIP &&
      kind[i] !== READ &&
      kind[i] !== REFUSED &&
      history.key[i] === history.key[read] &&
      value[i] === value[read]
    )
      writers.push(i);
  return writers;
}

/** What a read came back with, as the beginning of a sentence. */
export function got(read: Operation): string {
  return `${who(read)} read${on(read)}${at(read.callTime)} and got ${print(read.output)}`;
}

export function written(write: Operation): string {
  return print(write.f === 'cas' ? (write.input as readonly unknown[])[1] : write.input);
}

export function keyOf({ key }: Operation): { readonly key?: Key } {
  return key === undefined ? {} : { key };
}

/** A write that did not happen, of the value that was read. */
function rejectedWrite(read: Operation, { history }: RegisterSteps): Operation | undefined {
  for (let i = 0; i < history.length; i++) {
    if (history.outcome[i] !== 1) continue;
    const op = history.operation(i);
    if ((op.f === 'write' || op.f === 'cas') && op.key === read.key && written(op) === print(read.output))
      return op;
  }
  return undefined;
}

import type { Anomaly } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import { apart, at, on, who } from '../words.ts';
import type { Seen } from './seen.ts';

/** A violation, with the operations that show it in order of call. */
export function violation(
  kind: string,
  key: Key | undefined,
  seen: Iterable<Pick<Seen, 'id'> | undefined>,
  explanation: string,
): Anomaly {
  const ids = new Set<number>();
  for (const op of seen) if (op) ids.add(op.id);
  return {
    kind,
    ...(key !== undefined && { key }),
    operations: [...ids].toSorted((a, b) => a - b),
    explanation,
  };
}

/** `Client 3 read x at 1.204 s and got 7`, or what else it did there and found. */
export function saw(op: Seen, value: unknown): string {
  const { f, key, input, callTime } = op;
  if (f === 'read') return `${who(op)} read${on(op)}${at(callTime)} and got ${print(value)}`;
  const given = input === undefined ? '' : ` ${print(input)}`;
  return `${who(op)} did ${f}${given}${key === undefined ? '' : ` on ${key}`}${at(callTime)} and found ${print(value)}`;
}

/** How long before an operation was called another had returned. */
export function earlier(op: Seen, than: Seen): string {
  return apart(op.callTime - than.returnTime, 'earlier');
}

import type { Anomaly } from '../checker.ts';
import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import type { Seen } from './seen.ts';

/** A violation, with the operations that show it in order of call. */
export function violation(
  kind: string,
  key: Key | undefined,
  seen: Iterable<Seen | undefined>,
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
export function saw({ process, f, key, input, callTime }: Seen, value: unknown): string {
  return f === 'read'
    ? `Client ${process} read${on(key)}${at(callTime)} and got ${print(value)}`
    : `Client ${process} did ${f}${input === undefined ? '' : ` ${print(input)}`}${key === undefined ? '' : ` on ${key}`}${at(callTime)} and found ${print(value)}`;
}

export function on(key: Key | undefined): string {
  return key === undefined ? '' : ` ${key}`;
}

/** Not every history has times. */
export function at(nanoseconds: number): string {
  return Number.isFinite(nanoseconds) ? ` at ${(nanoseconds / 1e9).toFixed(3)} s` : '';
}

/** How much earlier than an operation was called another had returned. */
export function earlier(op: Seen, than: Seen): string {
  const milliseconds = (op.callTime - than.returnTime) / 1e6;
  if (!Number.isFinite(milliseconds)) return 'earlier';
  return `${milliseconds >= 10 ? Math.round(milliseconds) : Number(milliseconds.toPrecision(2))} ms earlier`;
}

import type { Anomaly } from './checker.ts';
import type { Key, Operation } from './history.ts';

/** An anomaly of these operations, which are all of one key. */
export function anomaly(kind: string, operations: readonly Operation[], explanation: string): Anomaly {
  const [first] = operations;
  return {
    kind,
    ...(first?.key !== undefined && { key: first.key satisfies Key }),
    operations: [...new Set(operations.map(({ id }) => id))].toSorted((a, b) => a - b),
    explanation,
  };
}

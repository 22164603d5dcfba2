import type { Budget } from '../linearizable/budget.ts';
import type { History, Key, Operation } from '../history.ts';

/** What one node says that it has, when everything was in its place. */
export interface Claim {
  readonly id: number;
  readonly node: string;
  readonly epoch: number;
  readonly members: readonly string[];
  readonly keys: readonly Key[];
}

/** A change of the members, and how many keys it moved of how many. */
export interface Resize {
  readonly operation: Operation;
  readonly before: number;
  readonly after: number;
  readonly moved: number;
  readonly total: number;
  /** A fair share of whoever joins or leaves. */
  readonly ideal: number;
}

/** What a history says of who has what. */
export class Placements {
  readonly epochs: ReadonlyMap<number, readonly Claim[]>;
  readonly resizes: readonly Resize[];
  /** Of every key, its first write that happened. */
  readonly written: ReadonlyMap<Key, number>;
  readonly operation: (id: number) => Operation;

  constructor(history: History, budget: Budget) {
    const epochs = new Map<number, Claim[]>();
    const resizes: Resize[] = [];
    const written = new Map<Key, number>();
    this.operation = (id) => history.operation(id);
    for (const operation of history) {
      const { id, f, key, node, outcome, output } = operation;
      budget.pass(id);
      if (outcome !== 'ok') continue;
      if (f === 'write' && key !== undefined) {
        const first = written.get(key);
        if (first === undefined || operation.return < (history.return[first] as number)) written.set(key, id);
      } else if (f === 'owned' && node !== undefined && Array.isArray(output)) {
        const [epoch, members, keys] = output as [number, string[], Key[]];
        const claims = epochs.get(epoch) ?? [];
        epochs.set(epoch, claims);
        claims.push({ id, node, epoch, members, keys });
      } else if (f === 'resize' && Array.isArray(output)) {
        const [before, after, moved, total] = output as [number, number, number, number];
        const ideal = (total * Math.abs(after - before)) / Math.max(1, before, after);
        resizes.push({ operation, before, after, moved, total, ideal });
      }
    }
    this.epochs = epochs;
    this.resizes = resizes;
    this.written = written;
  }
}

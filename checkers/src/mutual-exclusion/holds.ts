import type { History, Key, Operation } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { rowsByKey } from '../table/table.ts';

/** An acquire that was granted, and what its process then did with the lock. */
export interface Hold {
  readonly acquire: Operation;
  /** The fencing token that came with it, where there is one. */
  readonly token: number | null;
  /** In order. Whoever uses a lock thinks that it holds it. */
  readonly uses: readonly Operation[];
  /** Several where some failed. */
  readonly releases: readonly Operation[];
}

/** All that was done with one lock. */
export interface Lock {
  readonly key: Key | undefined;
  /** By call. */
  readonly holds: readonly Hold[];
  readonly refused: readonly Operation[];
  /** Nobody knows whether they were granted. */
  readonly doubtful: readonly Operation[];
}

export function locksOf(history: History, budget: Budget): Lock[] {
  return rowsByKey(history).map(({ key, rows }) => {
    const open = new Map<number, { uses: Operation[]; releases: Operation[] }>();
    const holds: Hold[] = [];
    const refused: Operation[] = [];
    const doubtful: Operation[] = [];
    for (const [i, row] of rows.entries()) {
      budget.pass(i);
      const operation = history.operation(row);
      const { f, process, outcome, output } = operation;
      const hold = open.get(process);
      if (f === 'use') hold?.uses.push(operation);
      else if (f === 'release') {
        hold?.releases.push(operation);
        if (outcome !== 'fail') open.delete(process);
      } else if (f === 'acquire' && outcome !== 'fail') {
        open.delete(process);
        if (outcome === 'info') doubtful.push(operation);
        else if (output === false) refused.push(operation);
        else {
          const fresh = { acquire: operation, token: tokenOf(output), uses: [], releases: [] };
          open.set(process, fresh);
          holds.push(fresh);
        }
      }
    }
    return { key: history.keys[key], holds, refused, doubtful };
  });
}

/** A number, or the first of several. */
function tokenOf(output: unknown): number | null {
  const first: unknown = Array.isArray(output) ? output[0] : output;
  return typeof first === 'number' ? first : null;
}

import type { LinearizableOptions, Outcome } from '../linearizable/linearizable.ts';
import type { TableData } from '../table/table.ts';

/** Where a worker finds the model: among those of this package, or in a module of yours. A function cannot be sent. */
export type ModelReference =
  | { readonly name: string; readonly initial: unknown }
  | { readonly module: string; readonly export: string };

/** What a worker is given when it starts. The columns are shared, not copied. */
export interface Setup {
  readonly table: TableData;
  readonly model: ModelReference;
  readonly options: LinearizableOptions;
}

/** Keys to judge. */
export interface Batch {
  readonly id: number;
  readonly keys: readonly number[];
  /** Milliseconds from now, since clocks of different threads begin at different times. */
  readonly forMs: number;
  readonly memoryBytes: number;
}

export type Answer =
  | { readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly id: number; readonly failed: string };

import type { Quorum, Strike } from '../fault.ts';
import type { RuntimeName } from '../runtime.ts';

/**
 * Everything that was decided before a run began, as plain data. It is the first file written, and with the commit it
 * is the run: `labrys test` with the same plan asks the same operations and strikes with the same faults.
 */
export interface Plan {
  readonly format: 'labrys/plan@1';
  /** `2026-11-21T02-14-07-etcd-register-7`: the name of the run's folder, and of everything it leaves on a machine. */
  readonly run: string;
  readonly seed: number;
  /** A name that `labrys list` shows, or the path of a user's own file. */
  readonly system: string;
  readonly options: Readonly<Record<string, string>>;
  readonly bug?: string;
  readonly workload: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly runtime: RuntimeName;
  readonly nodes: readonly string[];
  /** How many logical clients ask at the same time. Client `i` speaks to node `i mod nodes`. */
  readonly clients: number;
  readonly phases: readonly Phase[];
  readonly quorum: Quorum;
  readonly strikes: readonly Strike[];
  /** What a pass needs; less is `undecided`. */
  readonly requires: Requirements;
  /** An operation without an answer after so long is `info`. */
  readonly deadlineMs: number;
  /** Whether it ends at the first violation that is seen while it is under way. */
  readonly stopsOnViolation?: boolean;
  /** How long, and in how many bytes, the verdict may be sought. */
  readonly check: { readonly seconds: number; readonly memoryBytes: number };
  /** The command line that repeats it. */
  readonly again: string;
  /** What ran it: labrys, node, kernel, and the commit where there is one. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A stretch of a run. The next begins when every operation of this one has ended. */
export interface Phase {
  readonly name: 'main' | 'final';
  /** Operations begun per second over all clients, as a Poisson process. Without it, as fast as replies come. */
  readonly perSecond?: number;
  readonly seconds?: number;
  /** Whether faults may be in force. They are healed, and the nodes ready, before a `healthy` phase begins. */
  readonly weather: 'faulty' | 'healthy';
}

/** No pass without evidence. */
export interface Requirements {
  readonly okOperations: number;
  /** Operations that were under way while a fault was in force, over all faults; asked only where faults were planned. */
  readonly operationsDuringFaults: number;
  /** Every fault that struck was seen to take effect by a probe. */
  readonly faultsConfirmed: boolean;
}

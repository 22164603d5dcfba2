import type { Quorum } from '../fault.ts';
import type { RuntimeName } from '../runtime.ts';
import type { Plan, Requirements } from './plan.ts';
import type { PossibleFault } from './strikes.ts';

/** What was asked for, before anything is drawn. What is absent is decided here. */
export interface PlanRequest {
  readonly now: Date;
  readonly seed: number;
  readonly system: {
    /** As it was asked for: a name, or the path of a file. */
    readonly asked: string;
    readonly name: string;
    readonly size?: number;
  };
  /** All of the system's options, defaults too, and those that were asked for by name. */
  readonly options: Readonly<Record<string, string>>;
  readonly askedOptions?: Readonly<Record<string, string>>;
  readonly bug?: string;
  readonly workload: {
    /** As it was asked for, where that is the path of a file. */
    readonly asked?: string;
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly askedOptions?: Readonly<Record<string, string>>;
    /** Whether it has final operations. */
    readonly final: boolean;
  };
  readonly runtime: RuntimeName;
  readonly faults: readonly PossibleFault[];
  /** The roles that are told of, which strikes may be aimed at. Usually `leader`, where the system knows its leaders. */
  readonly roles?: readonly string[];
  readonly nodes?: number;
  /** The machines that were asked for by name. */
  readonly hosts?: string;
  readonly clients?: number;
  readonly rate?: number | 'max';
  /** How long the main phase lasts. */
  readonly ms?: number;
  readonly quorum?: Quorum;
  readonly requires?: Partial<Requirements>;
  readonly deadlineMs?: number;
  readonly stopsOnViolation?: boolean;
  readonly check?: Partial<Plan['check']>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The seed decides, strike by strike, whether a majority may go down. */
export const usualQuorum: Quorum = 'mix';

import type { Operations } from 'knossos-js';
import type { Fault } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';
import type { HealJournal } from '../record/heal-journal.ts';
import type { MailLog } from '../record/mail-log.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Log } from '../record/run-log.ts';
import type { Cluster } from '../runtime.ts';
import type { Settings, System } from '../system.ts';
import type { Time } from '../time.ts';
import type { Workload } from '../workload.ts';
import type { Counts } from './load.ts';
import type { StrikeCounts } from './nemesis.ts';
import type { LoopDelay } from './pulse.ts';
import type { Crash } from './watch.ts';

export interface DriveRequest {
  readonly plan: Plan;
  readonly system: System;
  readonly settings: Settings;
  readonly workload: Workload<Operations, Record<string, unknown>>;
  /** At least those that the plan's strikes name. */
  readonly faults: readonly Fault[];
  /** Every node of it runs. Whoever provisioned it disposes it. */
  readonly cluster: Cluster;
  readonly time: Time;
  readonly recorder: Recorder;
  /** Where messages between nodes are written down, of systems that know them. The simulation does it itself. */
  readonly mailLog?: MailLog;
  readonly log: Log;
  /** Aborted: no more operations, everything is healed, and what is known is returned. */
  readonly signal: AbortSignal;
  /** Told before each fault is injected. Not needed where the nodes end with this process. */
  readonly journal?: HealJournal;
  /** Told about four times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

export type Stage = 'main' | 'healing' | 'final';

/** How far a run has come, for people who watch it. */
export interface Progress extends Counts {
  readonly stage: Stage;
  /** Since the main phase began. */
  readonly seconds: number;
  readonly underWay: number;
  /** The faults in force: `partition n1 | n2 n3`. */
  readonly faults: readonly string[];
}

export interface DriveSummary {
  readonly interrupted: boolean;
  /** What ended the run early, after its first operation. What was recorded before can be judged all the same. */
  readonly failure?: Error;
  readonly operations: Counts;
  readonly strikes: StrikeCounts;
  /** Nodes whose process ended of itself. */
  readonly crashes: readonly Crash[];
  readonly loop: LoopDelay;
  /** From the beginning of the main phase until everything had ended. */
  readonly seconds: number;
}

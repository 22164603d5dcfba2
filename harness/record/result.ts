import type { Anomaly, Key, Verdict } from 'knossos-js';

/**
 * What a run came to, as data: `result.json`, and what `--json` prints. It is written and synced before anything is
 * drawn, so that drawing can never change or lose a verdict.
 */
export interface Result {
  readonly schema: 'labrys/result@1';
  readonly run: string;
  readonly verdict: RunVerdict;
  /** One sentence with the names and numbers that a reader needs first. */
  readonly sentence: string;
  /** Why there is no verdict either way, where there is none. */
  readonly because?: string;
  /** The first anomaly, with its operations in full, so that it can be drawn without the history. */
  readonly counterexample?: Counterexample;
  readonly checks: readonly Verdict[];
  /** Whether the test was worth anything, line by line. */
  readonly evidence: readonly EvidenceLine[];
  readonly metrics: Metrics;
  /** What ran it, from the plan. */
  readonly environment: Readonly<Record<string, string>>;
  readonly reproduce: string;
  readonly recheck: string;
  /** Files of the run's folder, by purpose, relative to it. */
  readonly files: Readonly<Record<string, string>>;
}

/** A violation always wins; a pass needs every check and all its evidence. */
export type RunVerdict = 'pass' | 'violation' | 'undecided' | 'could-not-run';

/** What the process exits with, by verdict. 64 is a wrong command line, 130 an interrupted run. */
export const exitCodes: Readonly<Record<RunVerdict, 0 | 1 | 2 | 3>> = {
  pass: 0,
  violation: 1,
  undecided: 2,
  'could-not-run': 3,
};

export interface Counterexample {
  readonly checker: string;
  readonly anomaly: Anomaly;
  readonly operations: readonly DrawnOperation[];
  /** The faults that were in force around it. */
  readonly faults: readonly DrawnFault[];
}

/** Seconds since the run began. */
export interface DrawnOperation {
  readonly id: number;
  readonly process: number;
  readonly node?: string;
  readonly f: string;
  readonly key?: Key;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly call: number;
  /** Absent while nobody knows how it ended. */
  readonly return?: number;
}

export interface DrawnFault {
  readonly name: string;
  readonly what: string;
  readonly nodes: readonly string[];
  readonly from: number;
  readonly to?: number;
}

export interface EvidenceLine {
  readonly what: string;
  readonly required: string;
  readonly seen: string;
  readonly enough: boolean;
}

export interface Metrics {
  readonly operations: number;
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  readonly overlappedFaults: number;
  readonly faults: number;
  readonly faultsConfirmed: number;
  readonly seconds: number;
  readonly operationsPerSecond: number;
  /** Of `ok` operations, over the whole run. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly checkMs: number;
}

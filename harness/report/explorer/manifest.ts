import type { Token } from '../palette.ts';
import type { Spell } from '../nodes.ts';

/** Everything that the explorer knows but the operations themselves. Times are seconds since the run began. */
export interface Manifest {
  readonly length: number;
  readonly seconds: number;
  /** How many clients asked at a time. A process whose outcome is unknown is followed by another with this much more. */
  readonly clients: number;
  /** What the columns' places mean. Everything is safe to show as it is. */
  readonly names: readonly string[];
  readonly keys: readonly string[];
  readonly nodes: readonly string[];
  readonly errors: readonly string[];
  readonly words: readonly string[];
  /** The colour of each operation, in the order of `names`. */
  readonly tokens: readonly Token[];
  readonly faults: readonly ShownFault[];
  readonly spells: readonly Spell[];
  readonly anomalies: readonly ShownAnomaly[];
  readonly around: Surroundings;
}

interface ShownFault {
  readonly what: string;
  readonly token: Token;
  readonly from: number;
  readonly to: number;
}

export interface ShownAnomaly {
  readonly kind: string;
  readonly explanation: string;
  /** Rows. The last to return is the one that is flagged. */
  readonly operations: readonly number[];
}

/** What happened around the operations: whose logs and messages there are. Lines and messages themselves are apart. */
export interface Surroundings {
  /** The nodes that write and send. */
  readonly places: readonly string[];
  readonly letterNames: readonly string[];
  /** How many messages there are. */
  readonly letters: number;
  /** Whether lines were left out: then those around anomalies and faults are there. */
  readonly logsCut: boolean;
}

/** A line of a log: the place of its node, microseconds since the run began, and what it says. */
export type LogLine = readonly [place: number, at: number, text: string];

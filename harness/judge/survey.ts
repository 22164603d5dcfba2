import type { History, Mark, Operations } from 'knossos-js';
import type { Metrics } from '../record/result.ts';
import type { Workload } from '../workload.ts';
import { faultsOf, struck, type RecordedFault } from './faults.ts';
import { moment } from './words.ts';

/** What happened in a run, as far as anyone can tell without knowing what ought to have. */
export interface Survey {
  readonly metrics: Omit<Metrics, 'checkMs'>;
  readonly keys: number;
  /** The most operations that were ever under way at the same time. */
  readonly concurrency: number;
  readonly faults: readonly RecordedFault[];
  readonly sometimes: readonly Sometimes[];
  /** Where the history stops in the middle of a line, because its writer was killed. */
  readonly torn?: { readonly line: number; readonly bytes: number };
  /** What the run itself says about its end, where it was not the one that was planned. */
  readonly cutShort?: CutShort;
  /** The phases that were begun, and `end`; nothing where the history knows of no phases. */
  readonly phases: readonly string[];
  /** Nodes that died and were not killed, in words. */
  readonly crashes: readonly string[];
  /** Where the harness was too busy to stamp operations as they came, in words. */
  readonly coarse: readonly string[];
}

/** Whether what must happen in every run worth its name was seen in this one. */
interface Sometimes {
  readonly what: string;
  readonly seen: boolean;
  /** Why that could not be told. */
  readonly because?: string;
}

/** Why a run did not go to its end. One that failed could not run; one that was interrupted only ran too little. */
export interface CutShort {
  readonly why: 'failed' | 'interrupted';
  readonly message: string;
}

export function survey<Options>(
  history: History,
  marks: readonly Mark[],
  workload: Workload<Operations, Options>,
  options: Options,
): Survey {
  const faults = faultsOf(marks);
  const cutShort = endOf(marks);
  return {
    metrics: metricsOf(history, marks, faults),
    keys: history.keys.length,
    concurrency: concurrencyOf(history),
    faults,
    sometimes: Object.entries(workload.sometimes?.(options) ?? {}).map(([what, seen]) =>
      look(what, () => seen(history)),
    ),
    ...(cutShort && { cutShort }),
    phases: named(marks, 'phase').map(({ what }) => what),
    crashes: named(marks, 'crash').map(({ what, time }) => `${what} (${moment(time / 1e9)})`),
    coarse: named(marks, 'coarse').map(({ what }) => what),
  };
}

/** A run that failed or was interrupted says so in a mark of that name; one with evidence is about a fault. */
function endOf(marks: readonly Mark[]): CutShort | undefined {
  const mark = marks.findLast(
    ({ name, details }) =>
      (name === 'failed' || name === 'interrupted') && details?.['evidence'] === undefined,
  );
  return mark && { why: mark.name === 'failed' ? 'failed' : 'interrupted', message: mark.what };
}

function named(marks: readonly Mark[], name: string): Mark[] {
  return marks.filter((mark) => mark.name === name);
}

function look(what: string, seen: () => boolean): Sometimes {
  try {
    return { what, seen: seen() };
  } catch (error) {
    return { what, seen: false, because: error instanceof Error ? error.message : String(error) };
  }
}

function metricsOf(
  history: History,
  marks: readonly Mark[],
  faults: readonly RecordedFault[],
): Omit<Metrics, 'checkMs'> {
  const { length, outcome, callTime, returnTime } = history;
  const ended = [0, 0, 0];
  const latencies = new Float64Array(length);
  let last = 0;
  for (let id = 0; id < length; id++) {
    const how = outcome[id] as number;
    const [from, to] = [callTime[id] as number, returnTime[id] as number];
    if (how === 0) latencies[ended[0] as number] = (to - from) / 1e6;
    ended[how]!++;
    last = Math.max(last, from, to === Infinity ? 0 : to);
  }
  const first = length > 0 ? (callTime[0] as number) : 0;
  const [ok = 0, failed = 0, unknown = 0] = ended;
  const took = latencies.subarray(0, ok).sort();
  const quantile = (q: number): number => took[Math.min(ok - 1, Math.floor(q * ok))] ?? 0;
  const hit = struck(faults);
  return {
    operations: length,
    ok,
    failed,
    unknown,
    overlappedFaults: overlapping(history, hit),
    faults: hit.length,
    faultsConfirmed: hit.filter(({ evidence }) => evidence.outcome === 'confirmed').length,
    seconds: Math.max(last, marks.at(-1)?.time ?? 0) / 1e9,
    operationsPerSecond: last > first ? Math.round((length / (last - first)) * 1e9) : 0,
    latencyMs: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
  };
}

/** How many operations were under way while at least one fault was in force. */
function overlapping({ length, callTime, returnTime }: History, faults: readonly RecordedFault[]): number {
  const spells = merged(faults.map(({ from, to = Infinity }) => [nanoseconds(from), nanoseconds(to)]));
  let operations = 0;
  let next = 0;
  // Calls come in order of time, so that a spell that was over before one is over for all that follow.
  for (let id = 0; id < length; id++) {
    while (next < spells.length && (spells[next]?.[1] as number) < (callTime[id] as number)) next++;
    if (next < spells.length && (spells[next]?.[0] as number) <= (returnTime[id] as number)) operations++;
  }
  return operations;
}

/** Seconds are nanoseconds divided, which leads back but for the last bit. */
function nanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9);
}

/** The same stretches without overlaps, in order. */
function merged(spells: readonly (readonly [from: number, to: number])[]): [from: number, to: number][] {
  const out: [number, number][] = [];
  for (const [from, to] of spells.toSorted((a, b) => a[0] - b[0])) {
    const before = out.at(-1);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else out.push([from, to]);
  }
  return out;
}

function concurrencyOf({ callTime, returnTime }: History): number {
  const returns = Float64Array.from(returnTime).sort();
  let most = 0;
  let over = 0;
  callTime.forEach((time, begun) => {
    while ((returns[over] as number) <= time) over++;
    most = Math.max(most, begun + 1 - over);
  });
  return most;
}

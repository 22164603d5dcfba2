import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../plan/plan.ts';
import type { Result, RunVerdict } from '../../record/result.ts';

/**
 * One run as a line of `trend.jsonl`, the file beside the runs that outlives them: it merges by concatenation, and a
 * year of a hundred runs a night is some twenty megabytes.
 */
export interface TrendLine {
  readonly format: 'labrys/trend@1';
  readonly run: string;
  /** The day on which it began, UTC: `2026-11-21`. */
  readonly night: string;
  /** What was asked, but for the seed: runs of the same test can be compared. */
  readonly test: string;
  readonly system: string;
  readonly workload: string;
  readonly faults: readonly string[];
  /** The mistake that was planted; then a violation is what should come out. */
  readonly bug?: string;
  readonly seed: number;
  readonly verdict: RunVerdict;
  readonly sentence: string;
  /** The same for violations of the same kind, so that they can be told from new ones. */
  readonly signature?: string;
  readonly operations: number;
  readonly operationsPerSecond: number;
  readonly unknownRatio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly seconds: number;
  readonly checkMs: number;
  readonly commit?: string;
  /** What the figures depend on besides the code: they are compared only where it is the same. */
  readonly machine: string;
}

export function trendLine(plan: Plan, result: Result): TrendLine {
  const { metrics } = result;
  const { commit, kernel = '', node = '', cpu = '' } = { ...plan.versions, ...result.environment };
  const signature = signatureOf(plan, result);
  return {
    format: 'labrys/trend@1',
    run: plan.run,
    night: /^\d{4}-\d\d-\d\d/.exec(plan.run)?.[0] ?? '',
    test: plan.again.replace(/ --seed \S+/, ''),
    system: plan.system,
    workload: plan.workload.name,
    faults: faultsOf(plan),
    ...(plan.bug !== undefined && { bug: plan.bug }),
    seed: plan.seed,
    verdict: result.verdict,
    sentence: result.sentence,
    ...(signature !== undefined && { signature }),
    operations: metrics.operations,
    operationsPerSecond: metrics.operationsPerSecond,
    unknownRatio: metrics.operations === 0 ? 0 : metrics.unknown / metrics.operations,
    p50Ms: metrics.latencyMs.p50,
    p99Ms: metrics.latencyMs.p99,
    seconds: metrics.seconds,
    checkMs: metrics.checkMs,
    ...(commit !== undefined && { commit }),
    machine: [kernel, cpu, node].filter(Boolean).join(' '),
  };
}

function faultsOf(plan: Plan): readonly string[] {
  return [...new Set(plan.strikes.map(({ fault }) => fault))].toSorted();
}

/** By what was broken, how, in how many steps, and under what: not by keys, clients or times. */
function signatureOf(plan: Plan, { counterexample }: Result): string | undefined {
  if (counterexample === undefined) return undefined;
  const { checker, anomaly, operations, faults } = counterexample;
  const shape = operations.map(({ f, outcome }) => `${f} ${outcome}`).toSorted();
  const under = faults.map(({ what }) => what.split(' ')[0]).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([plan.system, plan.workload.name, checker, anomaly.kind, shape, under]))
    .digest('hex')
    .slice(0, 8);
}

export const TREND = 'trend.jsonl';

/** Adds a run's line. A run that is judged again gets another line, and the last one counts. */
export async function addToTrend(results: string, plan: Plan, result: Result): Promise<void> {
  await appendFile(join(results, TREND), `${JSON.stringify(trendLine(plan, result))}\n`);
}

/** The lines that there are, one a run, the oldest first. What cannot be read is passed over: it is history, not evidence. */
export async function readTrend(results: string): Promise<readonly TrendLine[]> {
  const text = await readFile(join(results, TREND), 'utf8').catch(() => '');
  const lines = text.split('\n').flatMap((line): TrendLine[] => {
    try {
      const found = JSON.parse(line) as TrendLine;
      return found.format === 'labrys/trend@1' && typeof found.run === 'string' ? [found] : [];
    } catch {
      return [];
    }
  });
  return oneEach(lines);
}

/** Of lines about the same run, the last. */
export function oneEach(lines: readonly TrendLine[]): readonly TrendLine[] {
  return [...new Map(lines.map((line) => [line.run, line])).values()].toSorted((a, b) =>
    a.run < b.run ? -1 : 1,
  );
}

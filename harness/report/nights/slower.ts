import { count, span } from '../words.ts';
import type { TrendLine } from './trend.ts';

/** So many nights on the same machine are looked back at, and with fewer than that nothing is said. */
const LOOK_BACK = 14;
const FEWEST = 5;

/**
 * Whether the last of a test's runs was slower than those before it, in words. A figure is out of the ordinary when it
 * is beyond four median absolute deviations of its median *and* beyond a factor that matters; and it is said only of
 * two nights in a row, or of one that is twice as far out. Verdicts use no statistics: this is about speed alone.
 */
export function slower(runs: readonly TrendLine[]): string | undefined {
  const last = runs.at(-1) as TrendLine;
  const comparable = runs.filter(({ machine, operations }) => machine === last.machine && operations > 0);
  const p99 = worsened(
    comparable.map(({ p99Ms }) => p99Ms),
    2,
  );
  if (p99 !== undefined)
    return `p99 latency ${ms(last.p99Ms)}; ${ms(p99.low)}–${ms(p99.high)} on the ${p99.nights} nights before`;
  // Of throughput less is worse: how long one operation takes is compared.
  const each = worsened(
    comparable.map(({ operationsPerSecond }) => 1 / Math.max(1e-9, operationsPerSecond)),
    1 / 0.6,
  );
  if (each !== undefined)
    return `${count(last.operationsPerSecond)} operations/s; ${count(1 / each.high)}–${count(1 / each.low)} on the ${each.nights} nights before`;
  return undefined;
}

interface Usual {
  readonly low: number;
  readonly high: number;
  readonly nights: number;
}

function worsened(figures: readonly number[], factor: number): Usual | undefined {
  const far = (at: number): number => {
    const usual = figures.slice(Math.max(0, at - LOOK_BACK), at);
    if (usual.length < FEWEST) return 0;
    const middle = median(usual);
    const spread = median(usual.map((figure) => Math.abs(figure - middle)));
    return ((figures[at] as number) - middle) / Math.max(4 * spread, (factor - 1) * middle, Number.MIN_VALUE);
  };
  const last = figures.length - 1;
  const tonight = far(last);
  if (!(tonight >= 2 || (tonight >= 1 && far(last - 1) >= 1))) return undefined;
  const usual = figures.slice(Math.max(0, last - LOOK_BACK), tonight >= 2 ? last : last - 1);
  return { low: Math.min(...usual), high: Math.max(...usual), nights: usual.length };
}

function median(of: readonly number[]): number {
  const sorted = of.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

const ms = (figure: number): string => span(figure / 1000);

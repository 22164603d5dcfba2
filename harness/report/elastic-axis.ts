/**
 * A time axis that is not to scale: 2 ms must be wide enough to read, and 2 s no wider than they are worth.
 *
 * Moments keep their order. Each stretch between two of them is at least as wide as what is written there, and what
 * is left of the width goes to the stretches by the logarithm of how long they last.
 */
export interface ElasticAxis {
  x(time: number): number;
  /** Stretches that are squeezed far more than the others: where a break is drawn. */
  readonly breaks: readonly number[];
  /** The right end; beyond the width that was asked for where not everything fits. */
  readonly end: number;
}

/** Something between two moments that needs room. */
export interface Demand {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

export function elasticAxis(
  times: readonly number[],
  demands: readonly Demand[],
  left: number,
  right: number,
): ElasticAxis {
  const moments = [...new Set(times)].toSorted((a, b) => a - b);
  const place = new Map(moments.map((time, i) => [time, i]));
  const lasts = moments.slice(1).map((time, i) => time - (moments[i] as number));
  const least = leastGaps(moments, demands, place);
  const spare = Math.max(0, right - left - sum(least));
  const shortest = Math.min(...lasts, Infinity);
  const weights = lasts.map((last) => 1 + Math.log10(1 + last / shortest));
  const gaps = least.map((gap, i) => gap + (spare * (weights[i] as number)) / sum(weights));
  const at = gaps.reduce((xs, gap) => [...xs, (xs.at(-1) as number) + gap], [left]);
  const densest = Math.min(...gaps.map((gap, i) => (lasts[i] as number) / gap));
  return {
    end: at.at(-1) as number,
    breaks: gaps.flatMap((gap, i) =>
      (lasts[i] as number) / gap > densest * 40 ? [(at[i] as number) + gap / 2] : [],
    ),
    x(time) {
      const after = moments.findIndex((moment) => moment >= time);
      if (after === 0 || moments.length === 0) return left;
      if (after < 0) return at.at(-1) as number;
      const [from, to] = [moments[after - 1] as number, moments[after] as number];
      const [a, b] = [at[after - 1] as number, at[after] as number];
      return a + ((time - from) / (to - from)) * (b - a);
    },
  };
}

/** The narrowest stretches that give every demand its width, found from left to right. */
function leastGaps(
  moments: readonly number[],
  demands: readonly Demand[],
  place: ReadonlyMap<number, number>,
): number[] {
  const gaps = moments.slice(1).map(() => 6);
  const ordered = demands.toSorted((a, b) => a.to - b.to);
  for (const { from, to, width } of ordered) {
    const [a, b] = [place.get(from), place.get(to)];
    if (a === undefined || b === undefined || b <= a) continue;
    const has = sum(gaps.slice(a, b));
    if (has < width) gaps[b - 1] = (gaps[b - 1] as number) + width - has;
  }
  return gaps;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

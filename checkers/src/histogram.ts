import type { Histogram } from './checker.ts';

/** 0, then 1, 2, 5 and so on by decades: fine enough for orders of magnitude, few enough for a terminal. */
export function histogram(name: string, unit: string, sizes: Iterable<number>): Histogram {
  const bars = new Map<number, number>();
  let zeros = 0;
  for (const size of sizes) {
    if (size <= 0) {
      zeros++;
      continue;
    }
    const upTo = edge(size);
    bars.set(upTo, (bars.get(upTo) ?? 0) + 1);
  }
  if (zeros > 0) bars.set(0, zeros);
  const sorted = [...bars].toSorted(([a], [b]) => a - b);
  return { name, unit, bars: sorted.map(([upTo, count]) => ({ upTo, count })) };
}

/** The least of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is not below a size. */
function edge(size: number): number {
  const decade = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5, 10].find((step) => size <= step * decade) as number) * decade;
}

/** The middle, the 99th of a hundred, and the largest of sizes from 0, rounded to tenths; nothing of nothing. */
export function quantiles(
  name: string,
  sizes: Float64Array,
  most = 'longest',
): Readonly<Record<string, number>> {
  if (sizes.length === 0) return {};
  // Mostly there is nothing to sort.
  const sorted = sizes.filter((size) => size > 0).sort();
  const zeros = sizes.length - sorted.length;
  const at = (q: number): number => {
    const size = sorted[Math.min(sizes.length - 1, Math.floor(q * sizes.length)) - zeros] ?? 0;
    return Math.round(size * 10) / 10;
  };
  return { [`${name}, median`]: at(0.5), [`${name}, 99 %`]: at(0.99), [`${name}, ${most}`]: at(1) };
}

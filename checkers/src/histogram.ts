import type { Histogram } from './checker.ts';

/** 0, then 1, 2, 5 and so on by decades: fine enough for orders of magnitude, few enough for a terminal. */
export function histogram(name: string, unit: string, sizes: Iterable<number>): Histogram {
  const counts = new Int32Array(EDGES.length);
  // Often they are the same as before, and mostly 0.
  let last = 0;
  let place = 0;
  for (const size of sizes) {
    if (size !== last) place = edge((last = size));
    counts[place]!++;
  }
  const bars: Histogram['bars'][number][] = [];
  for (const [i, count] of counts.entries()) if (count > 0) bars.push({ upTo: EDGES[i] as number, count });
  return { name, unit, bars };
}

/** From a thousandth of a nanosecond in milliseconds to what no clock or counter here reaches. */
const DECADES = { first: -9, last: 18 };
const EDGES: readonly number[] = [
  0,
  ...Array.from({ length: DECADES.last - DECADES.first + 1 }, (_, i) => 10 ** (DECADES.first + i)).flatMap(
    (decade) => [1, 2, 5].map((step) => step * decade),
  ),
  Infinity,
];

/** The place of the least edge that is not below a size. */
function edge(size: number): number {
  let low = 0;
  let high = EDGES.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((EDGES[middle] as number) < size) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The middle, the 99th of a hundred, and the largest of sizes from 0, rounded to tenths; nothing of nothing. */
export function quantiles(
  name: string,
  sizes: Float64Array,
  most = 'longest',
): Readonly<Record<string, number>> {
  if (sizes.length === 0) return {};
  // Mostly there is nothing to put in order.
  const above = sizes.filter((size) => size > 0);
  const zeros = sizes.length - above.length;
  const at = (q: number): number => {
    const place = Math.min(sizes.length - 1, Math.floor(q * sizes.length)) - zeros;
    return place < 0 ? 0 : Math.round(nth(above, place) * 10) / 10;
  };
  return { [`${name}, median`]: at(0.5), [`${name}, 99 %`]: at(0.99), [`${name}, ${most}`]: at(1) };
}

/** The number that would be at a place if all were in order. Puts them in some other order. Linear, mostly (Hoare 1961). */
function nth(numbers: Float64Array, place: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const pivot = middleOf(
      numbers[low] as number,
      numbers[(low + high) >> 1] as number,
      numbers[high] as number,
    );
    let i = low;
    let j = high;
    while (i <= j) {
      while ((numbers[i] as number) < pivot) i++;
      while ((numbers[j] as number) > pivot) j--;
      if (i > j) break;
      const other = numbers[i] as number;
      numbers[i++] = numbers[j] as number;
      numbers[j--] = other;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return numbers[place] as number;
  }
  return numbers[place] as number;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

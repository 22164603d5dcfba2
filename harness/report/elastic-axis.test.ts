import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { elasticAxis } from './elastic-axis.ts';

test('later is further right, and every demand has its width', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(11), fc.nat(11), fc.integer({ min: 1, max: 90 })), { maxLength: 8 }),
      (times, wishes) => {
        const demands = wishes.flatMap(([a, b, width]) => {
          const [from, to] = [times[a % times.length] as number, times[b % times.length] as number];
          return from < to ? [{ from, to, width }] : [];
        });
        const axis = elasticAxis(times, demands, 100, 900);
        const xs = times.toSorted((a, b) => a - b).map((time) => axis.x(time));
        for (const [i, x] of xs.slice(1).entries()) expect(x).toBeGreaterThan(xs[i] as number);
        for (const { from, to, width } of demands)
          expect(axis.x(to) - axis.x(from)).toBeGreaterThanOrEqual(width - 1e-6);
        expect(xs[0]).toBe(100);
        expect(axis.end).toBeGreaterThanOrEqual(900 - 1e-6);
      },
    ),
  );
});

test('one moment, or none, is a place and no division by nothing', () => {
  expect(elasticAxis([5], [], 10, 90).x(5)).toBe(10);
  expect(elasticAxis([], [], 10, 90).x(5)).toBe(10);
});

import { expect, test } from 'vitest';
import { Objects } from './objects.ts';

const acquire = (at: number) => ({ f: 'acquire', key: 'x', at }) as const;
const use = (token: number, at: number) => ({ f: 'use', key: 'x', token, at }) as const;
const release = (token: number) => ({ f: 'release', key: 'x', token }) as const;

test('a lock is one’s until it is given back or its time is over, and whoever comes after has a higher token', () => {
  const objects = new Objects();
  expect(objects.apply(acquire(100))).toEqual([1, 1000]);
  expect(objects.apply(acquire(1099))).toBe(false);
  expect(objects.apply(use(1, 1099))).toBe(true);
  expect(objects.apply(acquire(1100))).toEqual([2, 1000]);
  expect(objects.apply(use(1, 1101))).toBe(false);
  expect(objects.apply(release(1))).toBe(false);
  expect(objects.apply(release(2))).toBe(true);
  expect(objects.apply(release(2))).toBe(false);
  expect(objects.apply(use(2, 1102))).toBe(false);

  const copy = new Objects();
  copy.load(JSON.parse(JSON.stringify(objects.save())));
  expect(copy.apply(acquire(1103))).toEqual([3, 1000]);
});

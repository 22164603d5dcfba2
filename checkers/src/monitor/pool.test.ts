import { expect, test } from 'vitest';
import { Pool, type Pooled } from './pool.ts';

test('what is needed stays as it is, and what is not is used again', () => {
  let made = 0;
  const pool = new Pool<Pooled & { value: number }>(() => ({ mark: 0, value: ++made && -1 }));
  const kept: (Pooled & { value: number })[] = [];
  for (let i = 0; i < 10_000; i++) {
    if (pool.isFull) {
      for (const one of kept) one.mark = i;
      pool.sweep(i);
    }
    const one = pool.take();
    one.value = i;
    if (i % 500 === 0) kept.push(one);
  }
  expect(kept.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, i) => 500 * i));
  expect(made).toBeLessThan(200);
});

test('after a crowd has gone it keeps room for few', () => {
  const crowd: Pooled[] = [];
  const pool = new Pool<Pooled>(() => ({ mark: 0 }));
  for (let i = 0; i < 5000; i++) crowd.push(pool.take());
  expect(pool.isFull).toBe(true);
  for (const one of crowd.slice(0, 10)) one.mark = 1;
  pool.sweep(1);
  const left = new Set(crowd.slice(10));
  let again = 0;
  for (let i = 0; i < 5000; i++) if (left.has(pool.take())) again++;
  expect(again).toBeLessThan(200);
});

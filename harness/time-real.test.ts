import { expect, test } from 'vitest';
import { realTime } from './time-real.ts';

test('time begins at nothing and never runs backwards', () => {
  const time = realTime();
  const seen = Array.from({ length: 1000 }, () => time.now());
  expect(seen[0]).toBeLessThan(1e9);
  expect(seen.every((now, i) => Number.isInteger(now) && now >= (seen[i - 1] ?? 0))).toBe(true);
});

test('a sleep lasts at least so long, and ends at once with the reason of its signal', async () => {
  const time = realTime();
  await time.sleep(5);
  expect(time.now()).toBeGreaterThan(4e6);
  const controller = new AbortController();
  const slept = time.sleep(60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
  await expect(time.sleep(60_000, controller.signal)).rejects.toThrow('enough');
});

test('a cancelled timer is not heard of again', async () => {
  const time = realTime();
  let rung = 0;
  time.after(1, () => rung++).cancel();
  time.after(1, () => rung++);
  await time.sleep(10);
  expect(rung).toBe(1);
});

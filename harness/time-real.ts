import type { Time } from './time.ts';

/** The time of this machine, from now on. Monotonic: nobody who sets the clock can make a history lie. */
export function realTime(): Time {
  const began = performance.now();
  const after: Time['after'] = (ms, then) => {
    const timer = setTimeout(then, ms);
    return { cancel: () => clearTimeout(timer) };
  };
  return {
    now: () => Math.round((performance.now() - began) * 1e6),
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        // Whoever aborts a sleep says why, in whatever form it likes.
        const wake = (): void => (timer.cancel(), reject(signal?.reason as Error));
        const timer = after(ms, () => (signal?.removeEventListener('abort', wake), resolve()));
        if (signal?.aborted) wake();
        else signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}

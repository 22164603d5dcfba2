import type { Time } from '../../../harness/time.ts';
import type { Timeline } from './timeline.ts';

/** A timeline, as the driver, the clients and the faults know time. */
export function timeOf(timeline: Timeline): Time {
  const after: Time['after'] = (ms, then) => {
    let cancelled = false;
    timeline.after(ms, () => {
      if (!cancelled) then();
    });
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  };
  return {
    now: () => Math.round(timeline.now * 1e6),
    after,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        const giveUp = (): void => {
          timer.cancel();
          reject(signal?.reason as Error);
        };
        const timer = after(ms, () => {
          signal?.removeEventListener('abort', giveUp);
          wake();
        });
        if (signal?.aborted) giveUp();
        else signal?.addEventListener('abort', giveUp, { once: true });
      }),
  };
}

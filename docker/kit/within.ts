import { Unreachable, type Clock } from './kit.ts';

/** What `promise` gives, or {@link Unreachable} after `ms`: by then nobody knows how it will end. */
export function within<T>(clock: Clock, ms: number, what: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(new Unreachable(`${what} took longer than ${ms} ms`)));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/**
 * Time, as the driver, the clients and the faults know it. They take it as an argument, so that the same code runs
 * against real nodes and inside the simulation, where a minute passes in milliseconds.
 */
export interface Time {
  /** Nanoseconds since the run began. Never runs backwards. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Call `then` after so many milliseconds. Cheap: one is made for every operation. */
  after(ms: number, then: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** A signal that is aborted `ms` from now, or with `parent`. Dispose it when the work is done, or its timer lives on. */
export function deadline(
  time: Time,
  ms: number,
  parent?: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(parent?.reason);
  const timer = time.after(ms, () => controller.abort(new Error(`gave up after ${ms} ms`)));
  if (parent?.aborted) giveUp();
  else parent?.addEventListener('abort', giveUp, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      timer.cancel();
      parent?.removeEventListener('abort', giveUp);
    },
  };
}

import { deadline, type Time } from '../time.ts';

/** Gives `work` so long. Whatever does not heed its signal is left behind, and what becomes of it then is ignored. */
export function within<T>(
  time: Time,
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = deadline(time, ms, parent);
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(limit.signal.reason as Error);
    if (limit.signal.aborted) return giveUp();
    limit.signal.addEventListener('abort', giveUp, { once: true });
    work(limit.signal).then(resolve, reject);
  }).finally(() => limit[Symbol.dispose]());
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

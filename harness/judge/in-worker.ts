import { Worker } from 'node:worker_threads';
import type { Answer, Task } from './worker.ts';

export interface Limits {
  /** When the worker is stopped, in milliseconds of the epoch. */
  readonly until: number;
  readonly memoryBytes: number;
  readonly signal: AbortSignal | undefined;
}

const INTERRUPTED = 'it was interrupted';
/** How often the memory of a worker is looked at. What it holds outside of its heap, no limit of the engine's sees. */
const LOOK_MS = 100;

/** A worker that died, or had to be stopped. The message says which limit it met. */
export class WorkerStopped extends Error {
  override readonly name = 'WorkerStopped';
}

/** Performs a task in a thread of its own, which does not outlive its limits. */
export async function inWorker(task: Task, { until, memoryBytes, signal }: Limits): Promise<Answer> {
  if (signal?.aborted) throw new WorkerStopped(INTERRUPTED);
  const heapMb = Math.ceil(memoryBytes / 2 ** 20);
  const tooMuch = `it needed more than ${heapMb} MiB`;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const stop = (why: string): void => reject(new WorkerStopped(why));
  const interrupt = (): void => stop(INTERRUPTED);
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) =>
    stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch : `it died: ${error.message}`),
  );
  worker.once('exit', (code) => stop(`it died with exit code ${code}`));
  signal?.addEventListener('abort', interrupt, { once: true });
  const timer = setTimeout(() => stop('it did not stop at its deadline'), Math.max(0, until - Date.now()));
  const look = setInterval(() => {
    worker.getHeapStatistics().then(
      ({ used_heap_size: heap, external_memory: outside }) => {
        if (heap + outside > memoryBytes) stop(tooMuch);
      },
      () => {},
    );
  }, LOOK_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(look);
    signal?.removeEventListener('abort', interrupt);
    await worker.terminate();
  }
}

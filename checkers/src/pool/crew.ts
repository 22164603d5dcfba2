import { Worker } from 'node:worker_threads';
import type { CheckContext } from '../checker.ts';
import type { Outcome } from '../linearizable/linearizable.ts';
import type { Answer, Setup } from './messages.ts';

/** How late a worker may be before it is ended. It looks at its own clock, so it hardly ever is. */
const GRACE_MS = 60;

/** Keys to judge together, the largest first. */
export interface Work {
  readonly keys: readonly number[];
}

/**
 * Hands batches of keys to workers, a new one whenever a worker is done with its last. A worker that dies, mostly of the
 * memory its model's states need, takes down its batch and nothing else: the batch is tried again key by key, and a key
 * that kills a second worker is given up. `giveUp` says what the caller makes of that.
 */
export async function work(
  setup: Setup,
  batches: readonly Work[],
  workers: number,
  context: CheckContext,
  giveUp: (key: number, because: string) => Outcome,
): Promise<Outcome[]> {
  const waiting = [...batches];
  const found: Outcome[] = [];
  let keys = 0;
  const total = batches.reduce((sum, batch) => sum + batch.keys.length, 0);
  const memoryBytes = Math.floor(context.memoryBytes / workers);
  const left = (): number => context.deadline - context.now();
  const add = (outcomes: readonly Outcome[]): void => {
    found.push(...outcomes);
    context.progress?.((keys += outcomes.length) / total);
  };

  /** One worker, from its first batch until there are no more. Rejects never: whatever goes wrong ends in `giveUp`. */
  const employ = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch;) {
      await using worker = start(setup, memoryBytes);
      while (batch) {
        if (left() <= 0) {
          add(batch.keys.map((key) => giveUp(key, 'out of time')));
          batch = waiting.shift();
          continue;
        }
        const answer = await worker.ask(batch, left() + GRACE_MS, { forMs: left(), memoryBytes });
        if ('outcomes' in answer) add(answer.outcomes);
        else if (batch.keys.length > 1 && left() > 0)
          waiting.push(...batch.keys.map((key) => ({ keys: [key] })));
        else add(batch.keys.map((key) => giveUp(key, answer.failed)));
        batch = waiting.shift();
        if ('failed' in answer) break;
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, employ));
  return found;
}

function start(
  setup: Setup,
  memoryBytes: number,
): {
  ask(batch: Work, patienceMs: number, limits: { forMs: number; memoryBytes: number }): Promise<Answer>;
  [Symbol.asyncDispose](): Promise<void>;
} {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.ceil(memoryBytes / 2 ** 20)) },
  });
  let id = 0;
  let hear: (answer: Answer) => void = () => {};
  worker.on('message', (answer: Answer) => hear(answer));
  worker.on('error', (error: NodeJS.ErrnoException) =>
    hear({
      id,
      failed:
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'out of memory: its worker was ended'
          : `its worker failed: ${error.message}`,
    }),
  );
  worker.on('exit', (code) => hear({ id, failed: `its worker ended with code ${code}` }));
  return {
    ask: (batch, patienceMs, limits) =>
      new Promise((resolve) => {
        id++;
        const timer = Number.isFinite(patienceMs)
          ? setTimeout(() => resolve({ id, failed: 'out of time' }), patienceMs)
          : undefined;
        hear = (answer) => {
          clearTimeout(timer);
          resolve(answer);
        };
        worker.postMessage({ id, keys: batch.keys, ...limits });
      }),
    async [Symbol.asyncDispose]() {
      hear = () => {};
      await worker.terminate();
    },
  };
}

import { among, linearizable, queue as fifo, totalQueue, type History, type Operations } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Observation, OperationGenerator, Workload } from '../harness/workload.ts';
import { keyName } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';

/** A key is a queue. */
export type QueueOps = {
  enqueue: { in: number; out: void };
  /** `null`: there was nothing in it. */
  dequeue: { in: void; out: number | null };
};

export interface QueueOptions {
  readonly queues: number;
  /** The share of operations that enqueue. A little more than half, and the queues grow. */
  readonly enqueue: number;
  /** `linearizable`: first in, first out. `total`: what goes in comes out, once, in whatever order. */
  readonly promise: 'linearizable' | 'total';
}

/** When all is healed a queue counts as empty after so many answers in a row that say so. */
const EMPTY = 3;
/** Of a queue that does not answer, so often in a row, nothing more is asked. */
const FAILED = 30;

/**
 * No element is put in twice, so that one that comes out says which enqueue it is of. A dequeue whose answer is lost may have
 * taken an element, or none: the checkers account for that, whatever there are of them.
 */
const queue: Workload<QueueOps, QueueOptions> = {
  name: 'queue',
  about: 'puts elements into a few queues and takes them out; what goes in comes out, once, and in order',
  defaults: { queues: 3, enqueue: 0.52, promise: 'linearizable' },
  reads: [],
  main({ queues, enqueue, promise }, random) {
    demand('queue', {
      'queues should be a whole number from 1': isCount(queues),
      'enqueue should be a share above 0, below 1': isShare(enqueue) && enqueue > 0 && enqueue < 1,
      'promise should be linearizable or total': promise === 'linearizable' || promise === 'total',
    });
    return traffic(queues, enqueue, random);
  },
  final: ({ queues }) => new Draining(queues),
  checkers: ({ promise }) => [
    promise === 'total'
      ? among<QueueOps, Operations>(['enqueue', 'dequeue'], totalQueue())
      : linearizable(fifo),
  ],
  sometimes: () => ({
    'an element came out': (history) => cameOut(history, (output) => output !== null),
    'a queue was found empty': (history) => cameOut(history, (output) => output === null),
    'a dequeue overlapped an enqueue': overlapped,
  }),
};

export default queue;

function* traffic(queues: number, enqueue: number, random: Random): Iterable<Invocation<QueueOps>> {
  for (let element = 1; ;) {
    const key = keyName(random.below(queues));
    if (random.fraction() < enqueue) yield { f: 'enqueue', key, value: element++ };
    else yield { f: 'dequeue', key };
  }
}

/** Takes everything out. */
class Draining implements OperationGenerator<QueueOps> {
  readonly #queues: readonly { readonly key: string; empty: number; failed: number }[];
  #turn = 0;

  constructor(queues: number) {
    this.#queues = Array.from({ length: queues }, (_, i) => ({ key: keyName(i), empty: 0, failed: 0 }));
  }

  next(): Invocation<QueueOps> | 'done' {
    const left = this.#queues.filter(({ empty, failed }) => empty < EMPTY && failed < FAILED);
    const at = left[this.#turn++ % left.length];
    return at === undefined ? 'done' : { f: 'dequeue', key: at.key };
  }

  observe({ key, type, value }: Observation<QueueOps>): void {
    const at = this.#queues.find((one) => one.key === key);
    if (at === undefined || type === 'invoke') return;
    at.failed = type === 'ok' ? 0 : at.failed + 1;
    if (type === 'ok') at.empty = value === null ? at.empty + 1 : 0;
  }
}

function cameOut(history: History<QueueOps>, as: (output: number | null) => boolean): boolean {
  for (const { f, outcome, output } of history)
    if (f === 'dequeue' && outcome === 'ok' && as(output as number | null)) return true;
  return false;
}

/** Of the same queue, neither over before the other began. */
function overlapped(history: History<QueueOps>): boolean {
  const latest = new Map<unknown, { enqueue: number; dequeue: number }>();
  for (const { f, key, outcome, call, return: returned } of history) {
    if (outcome !== 'ok') continue;
    const until = latest.get(key) ?? { enqueue: -1, dequeue: -1 };
    if (call < until[f === 'enqueue' ? 'dequeue' : 'enqueue']) return true;
    until[f] = Math.max(until[f], returned);
    latest.set(key, until);
  }
  return false;
}

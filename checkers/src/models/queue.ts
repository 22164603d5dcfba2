import { ILLEGAL, type ContainerMoves, type Model } from '../model.ts';
import { byElement } from './by-element.ts';
import { print } from './print.ts';
import { hashTexts, sameTexts } from './set.ts';

export type QueueOps = {
  readonly enqueue: { in: unknown; out: unknown };
  /** What came out; `null` means that there was nothing. */
  readonly dequeue: { in: void; out: unknown };
};

export type StackOps = {
  readonly push: { in: unknown; out: unknown };
  /** What came off; `null` means that there was nothing. */
  readonly pop: { in: void; out: unknown };
};

export type PriorityQueueOps = {
  readonly insert: { in: number; out: unknown };
  /** The smallest; `null` means that there was nothing. */
  readonly take: { in: void; out: number | null };
};

type Texts = readonly string[];

/** First in, first out. */
export const queue: Model<QueueOps, Texts> = container('queue', 'enqueue', 'dequeue', {
  name: 'first in, first out',
  put: (elements, element) => [...elements, element],
  next: () => 0,
});

/** Last in, first out. */
export const stack: Model<StackOps, Texts> = container('stack', 'push', 'pop', {
  name: 'last in, first out',
  put: (elements, element) => [...elements, element],
  next: (elements) => elements.length - 1,
});

/** Smallest first. */
export const priorityQueue: Model<PriorityQueueOps, Texts> = container('priority-queue', 'insert', 'take', {
  name: 'smallest first',
  put: (elements, element) => [...elements, element].toSorted((a, b) => Number(a) - Number(b)),
  next: () => 0,
});

/** What queues, stacks and priority queues have in common: elements go in one by one and come out one by one. */
function container<Put extends string, Take extends string>(
  name: string,
  put: Put,
  take: Take,
  order: {
    readonly name: ContainerMoves['order'];
    readonly put: (elements: Texts, element: string) => Texts;
    /** Which place the next one to come out has. */
    readonly next: (elements: Texts) => number;
  },
  // The three pairs of names share one implementation; the casts to their exact types are here.
): never {
  type Ops = { readonly [F in Put | Take]: { in: unknown; out: unknown } };
  const model: Model<Ops, Texts> = {
    name,
    initial: [],
    anonymous: true,
    container: { put, take, order: order.name },
    step(elements, op) {
      if (op.f === put) return order.put(elements, print(op.input));
      const next = elements.length === 0 ? undefined : order.next(elements);
      if (op.outcome === 'ok' && print(op.output) !== (next === undefined ? print(null) : elements[next]))
        return ILLEGAL;
      return next === undefined ? elements : elements.toSpliced(next, 1);
    },
    readOnly: (op) => op.f === take && op.output === null,
    equals: sameTexts,
    hash: hashTexts,
    describe: (elements) => `[${elements.join(', ')}]`,
    explain: (elements, op) =>
      `can't ${op.f} ${print(op.output)}: ${elements.length === 0 ? 'it is empty' : `next is ${elements[order.next(elements)]}`}`,
    closure: (all) =>
      byElement(all, (op) => {
        if (op.f === put) return { changes: [op.input] };
        if (op.outcome !== 'ok') return { takesAny: true };
        return print(op.output) === print(null) ? {} : { changes: [op.output], takes: true };
      }),
  };
  return model as never;
}

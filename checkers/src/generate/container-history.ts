import type { History, Operations } from '../history.ts';
import { NOTHING, NULL } from '../table/values.ts';
import { clientHistory, type ClientLoad } from './clients.ts';
import { Agenda } from '../heap.ts';

/** What kind of load to make up. */
export interface ContainerLoad extends ClientLoad {
  readonly kind: 'queue' | 'stack' | 'priority-queue';
  /** The share of operations that take something out, which is as many as put something in unless said otherwise. */
  readonly takes?: number;
}

const NAMES = {
  queue: ['enqueue', 'dequeue'],
  stack: ['push', 'pop'],
  'priority-queue': ['insert', 'take'],
} as const;

/** A history of one container, as a correct one could have left it. Nothing is put in twice. */
export function containerHistory<Ops extends Operations>(load: ContainerLoad): History<Ops> {
  const { kind, takes = 0.5 } = load;
  const [put, take] = NAMES[kind];
  const content = new Content(kind);
  return clientHistory(load, (number, _process, fraction) => {
    if (fraction() < takes) return { f: take, input: NOTHING, effect: () => content.take() };
    // Priorities come in no order.
    const element = kind === 'priority-queue' ? scattered(number) : number;
    return { f: put, input: element, effect: () => content.put(element) };
  });
}

/** A number below 2³⁰ for each below 2²¹, no two the same and in no order. */
function scattered(n: number): number {
  return ((Math.imul(n, 0x9e3779b1) >>> 23) << 21) + n;
}

/** What is inside. */
class Content {
  readonly #kind: ContainerLoad['kind'];
  readonly #elements: number[] = [];
  readonly #smallest = new Agenda<number>();
  #first = 0;

  constructor(kind: ContainerLoad['kind']) {
    this.#kind = kind;
  }

  put(element: number): number {
    if (this.#kind === 'priority-queue') this.#smallest.add(element, element);
    else this.#elements.push(element);
    return NOTHING;
  }

  take(): number {
    if (this.#kind === 'priority-queue') return this.#smallest.next()?.what ?? NULL;
    if (this.#kind === 'stack') return this.#elements.pop() ?? NULL;
    return this.#first < this.#elements.length ? (this.#elements[this.#first++] as number) : NULL;
  }
}

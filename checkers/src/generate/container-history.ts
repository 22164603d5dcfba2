import type { History, Operations } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { NOTHING, NULL } from '../table/values.ts';
import { fractions } from './fractions.ts';
import { Agenda } from './heap.ts';

/** What kind of load to make up. */
export interface ContainerLoad {
  readonly kind: 'queue' | 'stack' | 'priority-queue';
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  /** The share of operations that never return. Half of them still take effect, some long after. */
  readonly crashed?: number;
  /** The share of operations that take something out, which is as many as put something in unless said otherwise. */
  readonly takes?: number;
}

const NAMES = {
  queue: ['enqueue', 'dequeue'],
  stack: ['push', 'pop'],
  'priority-queue': ['insert', 'take'],
} as const;

/**
 * A history of one container, as a correct one could have left it: a seeded simulation in which each operation takes
 * effect at one moment between its call and its return. Nothing is put in twice.
 */
export function containerHistory<Ops extends Operations>(load: ContainerLoad): History<Ops> {
  const { kind, operations, clients, crashed = 0, takes = 0.5 } = load;
  const [put, take] = NAMES[kind];
  const fraction = fractions(load.seed);
  const exponential = (mean: number): number => -Math.log(1 - fraction()) * mean;
  const builder = new TableBuilder<Ops>();
  const agenda = new Agenda<Step>();
  const content = new Content(kind);
  let index = 0;
  let retired = clients;
  for (let process = 0; process < clients; process++) agenda.add(exponential(1), { stage: 'call', process });
  for (let item = agenda.next(), issued = 0; item; item = agenda.next()) {
    const { time, what } = item;
    const { process } = what;
    const now = Math.round(time * 1e6);
    if (what.stage === 'call') {
      if (issued >= operations) continue;
      const f = fraction() < takes ? take : put;
      // Priorities come in no order, and each only once.
      const value = f === take ? NOTHING : kind === 'priority-queue' ? scattered(issued) : issued;
      const op: Op = { f, value, answer: NOTHING };
      issued++;
      builder.call(index++, now, process, f, undefined, value, undefined);
      const latency = exponential(1);
      if (fraction() < crashed) {
        const late = fraction() < 0.5 ? fraction() * latency : exponential(50);
        if (fraction() < 0.5) agenda.add(time + late, { stage: 'effect', process, op });
        agenda.add(time + latency, { stage: 'call', process: retired++ });
      } else {
        agenda.add(time + fraction() * latency, { stage: 'effect', process, op });
        agenda.add(time + latency, { stage: 'return', process, op });
      }
    } else if (what.stage === 'effect') {
      if (what.op.f === put) content.put(what.op.value);
      else what.op.answer = content.take();
    } else {
      builder.end(index++, now, process, what.op.f, 0, what.op.answer, undefined);
      agenda.add(time + 1e-9, { stage: 'call', process });
    }
  }
  return builder.finish();
}

interface Op {
  readonly f: string;
  readonly value: number;
  answer: number;
}

type Step =
  | { readonly stage: 'call'; readonly process: number }
  | { readonly stage: 'effect' | 'return'; readonly process: number; readonly op: Op };

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

  put(element: number): void {
    if (this.#kind === 'priority-queue') this.#smallest.add(element, element);
    else this.#elements.push(element);
  }

  take(): number {
    if (this.#kind === 'priority-queue') return this.#smallest.next()?.what ?? NULL;
    if (this.#kind === 'stack') return this.#elements.pop() ?? NULL;
    return this.#first < this.#elements.length ? (this.#elements[this.#first++] as number) : NULL;
  }
}

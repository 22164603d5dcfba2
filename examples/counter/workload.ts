import { counter, linearizable } from 'knossos-js';
import type { Invocation, Random, Workload } from 'labrys';

export type CounterOps = {
  add: { in: number; out: void };
  read: { in: void; out: number };
};

export interface CounterOptions {
  /** Each is judged by itself, and the fewer operations one has, the sooner. */
  readonly counters: number;
  /** The share of operations that read. */
  readonly read: number;
}

const workload: Workload<CounterOps, CounterOptions> = {
  name: 'counter',
  about: 'adds to counters and reads them; should be linearizable',
  defaults: { counters: 20, read: 0.5 },
  reads: ['read'],
  main: addAndRead,
  final: readAll,
  checkers: () => [linearizable(counter)],
  sometimes: () => ({
    'a counter was read that had been added to': (history) => {
      for (const { f, outcome, output } of history)
        if (f === 'read' && outcome === 'ok' && output !== 0) return true;
      return false;
    },
  }),
};

export default workload;

function* addAndRead({ counters, read }: CounterOptions, random: Random): Iterable<Invocation<CounterOps>> {
  for (;;) {
    const key = `c${random.below(counters)}`;
    yield random.fraction() < read ? { f: 'read', key } : { f: 'add', key, value: 1 + random.below(9) };
  }
}

/** Several times, because each read goes to whichever node's turn it is. */
function* readAll({ counters }: CounterOptions): Iterable<Invocation<CounterOps>> {
  for (let i = 0; i < 5 * counters; i++) yield { f: 'read', key: `c${i % counters}` };
}

import { counterBounds } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Workload } from '../harness/workload.ts';
import { keyName } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';
import { readAfterAdd } from './read-after-add.ts';

export type CounterOps = {
  add: { in: number; out: void };
  read: { in: void; out: number };
};

export interface CounterOptions {
  readonly counters: number;
  /** The share of operations that read. */
  readonly read: number;
  /** Whether amounts may be negative. */
  readonly lowers: boolean;
}

/** When all is healed, every counter is read so often, by whoever comes. */
const READS = 10;

const counter: Workload<CounterOps, CounterOptions> = {
  name: 'counter',
  about: 'adds to a few counters and reads them; every read lies between what can have been added',
  defaults: { counters: 3, read: 0.4, lowers: false },
  reads: ['read'],
  main(options, random) {
    const { counters, read } = options;
    demand('counter', {
      'counters should be a whole number from 1': isCount(counters),
      'read should be a share above 0, below 1': isShare(read) && read > 0 && read < 1,
    });
    return additions(options, random);
  },
  *final({ counters }) {
    for (let i = 0; i < READS * counters; i++) yield { f: 'read', key: keyName(i % counters) };
  },
  checkers: () => [counterBounds()],
  sometimes: () => ({ 'a counter was read after it was added to': readAfterAdd }),
};

export default counter;

function* additions(
  { counters, read, lowers }: CounterOptions,
  random: Random,
): Iterable<Invocation<CounterOps>> {
  for (;;) {
    const key = keyName(random.below(counters));
    const amount = 1 + random.below(5);
    if (random.fraction() < read) yield { f: 'read', key };
    else yield { f: 'add', key, value: lowers && random.fraction() < 0.5 ? -amount : amount };
  }
}

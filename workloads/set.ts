import { setFull, type History } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Source, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';
import { readAfterAdd } from './read-after-add.ts';

export type SetOps = {
  add: { in: number; out: void };
  read: { in: void; out: readonly number[] };
};

export interface SetOptions {
  /** How many sets. */
  readonly sets: number;
  /** The share of operations that read a whole set. Reads grow with the set, so a few go a long way. */
  readonly read: number;
  /** Whether a read may miss for a while what was there before: for sets that promise to converge, and no more. */
  readonly mayBeStale: boolean;
}

/** How often a process asks for the last contents of a set before it leaves it at that. */
const TRIES = 5;

const set: Workload<SetOps, SetOptions> = {
  name: 'set',
  about: 'adds to a few sets, then reads on every node; nothing that was acknowledged may be missing',
  defaults: { sets: 3, read: 0.03, mayBeStale: false },
  reads: ['read'],
  main({ sets, read }, random) {
    demand('set', {
      'sets should be a whole number from 1': isCount(sets),
      'read should be a share from 0 to 1': isShare(read) && read <= 1,
    });
    return adds(sets, read, random);
  },
  final: ({ sets }) => everySetByEveryProcess(sets),
  checkers: ({ mayBeStale }) => [setFull({ mayBeStale })],
  sometimes: () => ({
    'an element was added': (history) => happened(history, 'add'),
    'a set was read after it was added to': readAfterAdd,
  }),
};

export default set;

function* adds(
  sets: number,
  read: number,
  random: Random,
): Iterable<{ f: 'add'; key: string; value: number } | { f: 'read'; key: string }> {
  for (let element = 1; ;) {
    const key = setName(random.below(sets));
    yield random.fraction() < read ? { f: 'read', key } : { f: 'add', key, value: element++ };
  }
}

/** After the faults: what every client can see, through whatever node it speaks to. A read that fails is asked again. */
function everySetByEveryProcess(sets: number): Source<SetOps> {
  const left = new Map<number, { readonly set: number; tries: number }[]>();
  return {
    next({ process }) {
      const mine = left.get(process) ?? Array.from({ length: sets }, (_, at) => ({ set: at, tries: TRIES }));
      left.set(process, mine);
      const [first] = mine;
      return first === undefined ? 'done' : { f: 'read', key: setName(first.set) };
    },
    observe({ process, type }) {
      const mine = left.get(process);
      const first = mine?.[0];
      if (mine === undefined || first === undefined || type === 'invoke') return;
      if (type === 'ok' || --first.tries === 0) mine.shift();
    },
  };
}

const setName = (number: number): string => `s${number}`;

function happened(history: History<SetOps>, f: keyof SetOps): boolean {
  const name = history.names.indexOf(f);
  return history.f.some((code, id) => code === name && history.outcome[id] === 0);
}

import { LEVELS, listAppend, type Checker, type History, type Level, type MicroOperation } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { OperationGenerator, Source, Turn, Workload } from '../harness/workload.ts';
import { KeyRing, keyName, type KeyRingOptions } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';

/**
 * Transactions over lists, a few steps each: `["append", key, element]`, and `["r", key, what it read]`, which goes in with
 * `null` and comes back with the whole list. Either all of them happen, as one, or none does.
 */
export type ListAppendOps = {
  txn: { in: readonly MicroOperation[]; out: readonly MicroOperation[] };
};

export interface ListAppendOptions extends KeyRingOptions {
  /** A transaction has from one to so many steps. */
  readonly steps: number;
  /** The share of steps that read. */
  readonly read: number;
  /** What is promised, as the literature names it. */
  readonly level: Level;
}

/** How often a process asks for a last look at some keys before it leaves it at that. */
const TRIES = 5;
/** So many keys a transaction reads in the end. */
const AT_ONCE = 4;

const workload: Workload<ListAppendOps, ListAppendOptions> = {
  name: 'list-append',
  about: 'transactions that append to lists and read them; should be strict serializable',
  defaults: { keys: 6, zipf: 0.6, perKey: 60, steps: 4, read: 0.5, level: 'strict serializable' },
  reads: [],
  main(options, random) {
    const { keys, zipf, perKey, steps, read, level } = options;
    demand('list-append', {
      'keys should be a whole number from 1': isCount(keys),
      'zipf should be a number from 0': isShare(zipf),
      'perKey should be a whole number from 1': isCount(perKey),
      'steps should be a whole number from 1': isCount(steps),
      'read should be a share from 0 to 1': isShare(read) && read <= 1,
      [`level should be one of: ${LEVELS.join(', ')}`]: LEVELS.includes(level),
    });
    return new Transactions(options, random);
  },
  final: ({ keys }) => everyList(keys),
  checkers: ({ level }) => [keeps(level)],
  sometimes: ({ read, steps }) => ({
    ...(read > 0 && read < 1 && { 'a transaction read what another appended': readAnothers }),
    ...(steps > 1 && { 'a transaction of several keys succeeded': spannedKeys }),
    'transactions overlapped': overlapped,
  }),
};

export default workload;

/** The promise, by the name of the level alone: that these are transactions over lists, a report says anyway. */
function keeps(level: Level): Checker<ListAppendOps> {
  const checker = listAppend({ level });
  return {
    name: level,
    // A checker of transactions takes any history, and looks for those in it.
    check: async (history, context) => ({
      ...(await checker.check(history as unknown as History, context)),
      checker: level,
    }),
  };
}

/** Draws transactions. No element is ever appended twice, so that whoever reads one says which append it saw. */
class Transactions implements OperationGenerator<ListAppendOps> {
  readonly #options: ListAppendOptions;
  readonly #ring: KeyRing<undefined>;
  #elements = 0;

  constructor(options: ListAppendOptions, random: Random) {
    this.#options = options;
    this.#ring = new KeyRing(options, random, () => undefined);
  }

  next({ random }: Turn): { readonly f: 'txn'; readonly value: readonly MicroOperation[] } {
    const { steps, read } = this.#options;
    const value = Array.from({ length: 1 + random.below(steps) }, (): MicroOperation => {
      const { key } = this.#ring.take(random);
      return random.fraction() < read ? ['r', key, null] : ['append', key, ++this.#elements];
    });
    return { f: 'txn', value };
  }
}

/**
 * After the faults every list that there was is read, a few at a time and by every process: an append that nobody read could
 * hide a cycle. Nobody says how many lists there were, but their names count up from 0, so each process asks for the next
 * ones until a long row of them is empty.
 */
function everyList(keys: number): Source<ListAppendOps> {
  const far = Math.max(2 * keys, 10);
  const processes = new Map<number, { next: number; empty: number; failed: number }>();
  const at = (process: number) => {
    const mine = processes.get(process) ?? { next: 0, empty: 0, failed: 0 };
    processes.set(process, mine);
    return mine;
  };
  return {
    next({ process }) {
      const { next, empty, failed } = at(process);
      if (empty >= far || failed >= TRIES) return 'done';
      const value = Array.from({ length: AT_ONCE }, (_, i): MicroOperation => ['r', keyName(next + i), null]);
      return { f: 'txn', value };
    },
    observe({ process, type, value }) {
      const mine = at(process);
      if (type === 'fail' || type === 'info') mine.failed++;
      if (type !== 'ok') return;
      mine.next += AT_ONCE;
      mine.failed = 0;
      for (const [, , list] of value as readonly MicroOperation[])
        mine.empty = Array.isArray(list) && list.length > 0 ? 0 : mine.empty + 1;
    },
  };
}

function succeeded(history: History<ListAppendOps>): readonly (readonly MicroOperation[])[] {
  return [...history].flatMap(({ outcome, output }) =>
    outcome === 'ok' && output !== undefined ? [output] : [],
  );
}

function spannedKeys(history: History<ListAppendOps>): boolean {
  return succeeded(history).some((steps) => new Set(steps.map(([, key]) => key)).size > 1);
}

function readAnothers(history: History<ListAppendOps>): boolean {
  return succeeded(history).some((steps) => {
    const own = new Set(steps.flatMap(([f, , element]) => (f === 'append' ? [element] : [])));
    return steps.some(([f, , list]) => f === 'r' && Array.isArray(list) && list.some((of) => !own.has(of)));
  });
}

function overlapped(history: History<ListAppendOps>): boolean {
  let latest = -1;
  for (const { outcome, call, return: returned } of history) {
    if (outcome !== 'ok') continue;
    if (call < latest) return true;
    latest = Math.max(latest, returned);
  }
  return false;
}

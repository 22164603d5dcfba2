import { atomicCommit, type History } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Observation, OperationGenerator, Turn, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';

/** What a node says of one transaction: where it stands, and what it has stored of it. */
export type Standing = readonly [
  /** `prepared`: it voted yes and does not know yet. `unknown`: it never heard of it, or has forgotten. */
  state: 'unknown' | 'prepared' | 'commit' | 'abort',
  value: number | null,
];

/** A transaction is a key, and is asked for once. */
export type AtomicCommitOps = {
  /**
   * Store `value` at every node, or at none. The node numbered `no`, counted from 1 in the order of their names and around
   * again, votes no; null: nobody need.
   */
  transact: { in: readonly [value: number, no: number | null]; out: 'commit' | 'abort' };
  /** What has become of it, as far as this one node knows? */
  outcome: { in: void; out: Standing };
  /** The same, once every fault is healed. */
  settled: { in: void; out: Standing };
};

export interface AtomicCommitOptions {
  /** The share of operations that ask for a transaction; the others ask what became of one. */
  readonly transact: number;
  /** The share of transactions in which some node votes no. */
  readonly refused: number;
  /** How many transactions are asked for after the healing, to see that commits still come about. */
  readonly afterwards: number;
}

/** Of the questions, how many go to a transaction that some node was in doubt about, and how many to any of old. */
const DOUBTFUL = 1 / 2;
const OLD = 1 / 10;
/** The others go to one of so many latest. */
const LATEST = 8;
/** In a cluster of more nodes, those beyond this never vote no. */
const MOST_NODES = 5;

const atomicCommitment: Workload<AtomicCommitOps, AtomicCommitOptions> = {
  name: 'atomic-commit',
  about: 'transactions over all nodes, some of which a node votes against; all commit, or all abort',
  defaults: { transact: 0.3, refused: 0.25, afterwards: 10 },
  reads: ['outcome', 'settled'],
  main(options, random) {
    const { transact, refused, afterwards } = options;
    demand('atomic-commit', {
      'transact should be a share above 0, up to 1': isShare(transact) && transact > 0 && transact <= 1,
      'refused should be a share from 0 to 1': isShare(refused) && refused <= 1,
      'afterwards should be a whole number from 1': isCount(afterwards),
    });
    return new Transactions(options, random);
  },
  final: ({ afterwards }) => new Settlement(afterwards),
  checkers: () => [atomicCommit()],
  sometimes: ({ refused }) => ({
    'a transaction was committed': (history) => answered(history, 'commit'),
    ...(refused > 0 && {
      'a transaction was aborted': (history: History<AtomicCommitOps>) => answered(history, 'abort'),
    }),
    'two nodes were asked about one decision': decidedAtTwo,
  }),
};

export default atomicCommitment;

/** Asks for transactions, and what became of the latest, of those in doubt, and now and then of any. */
class Transactions implements OperationGenerator<AtomicCommitOps> {
  readonly #options: AtomicCommitOptions;
  readonly #random: Random;
  readonly #doubtful = new Set<number>();
  /** Numbers of those that certainly did not happen: they are given out again, so that no long row is missing. */
  readonly #free: number[] = [];
  #asked = 0;

  constructor(options: AtomicCommitOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  next(): Invocation<AtomicCommitOps> {
    const random = this.#random;
    if (this.#asked === 0 || random.fraction() < this.#options.transact) {
      const no = random.fraction() < this.#options.refused ? 1 + random.below(MOST_NODES) : null;
      const number = this.#free.pop() ?? this.#asked++;
      return { f: 'transact', key: `x${number}`, value: [number + 1, no] };
    }
    return { f: 'outcome', key: `x${this.#which(random)}` };
  }

  observe({ f, type, key, value }: Observation<AtomicCommitOps>): void {
    const number = Number(String(key).slice(1));
    if (f === 'transact' && type === 'fail') this.#free.push(number);
    if (f !== 'outcome' || type !== 'ok') return;
    if ((value as Standing)[0] === 'prepared') this.#doubtful.add(number);
    else if ((value as Standing)[0] !== 'unknown') this.#doubtful.delete(number);
  }

  #which(random: Random): number {
    const drawn = random.fraction();
    const doubtful = [...this.#doubtful].slice(-LATEST);
    if (drawn < DOUBTFUL && doubtful.length > 0) return random.pick(doubtful);
    if (drawn > 1 - OLD) return random.below(this.#asked);
    return this.#asked - 1 - random.below(Math.min(LATEST, this.#asked));
  }
}

/** How long a node may go without an answer that is final: the checker accuses it after 8 s. */
const PATIENCE_NS = 9e9;
/** One that is in doubt is asked again so often; one that never heard of a transaction, once more at the end. */
const AGAIN_NS = 500e6;
const LAST_NS = 8.5e9;
/** So many transactions in a row that nobody has heard of: there will be no more. */
const FAR = 200;

/** What one node has answered. */
interface Asked {
  /** The next transaction to ask it about. */
  next: number;
  /** Those that it could not tell the end of: when it was first asked, and when to ask again. */
  readonly open: Map<number, { readonly first: number; readonly again: number }>;
}

/**
 * After the faults: every node is asked what became of every transaction, and where its answer is not final, asked again for
 * some seconds. Nobody says how many there were, but their names count up from 0, so it goes on until a long row of them is
 * unknown. Some new ones come between, which all should agree to.
 */
class Settlement implements OperationGenerator<AtomicCommitOps> {
  readonly #nodes = new Map<string, Asked>();
  readonly #asking = new Map<
    number,
    { readonly node: string; readonly number: number; readonly time: number }
  >();
  /** The latest transaction that anybody has heard of. */
  #latest = -1;
  #afterwards: number;

  constructor(afterwards: number) {
    this.#afterwards = afterwards;
  }

  next({ process, node, time }: Turn): Invocation<AtomicCommitOps> | 'wait' | 'done' {
    const asked = this.#nodes.get(node) ?? { next: 0, open: new Map() };
    this.#nodes.set(node, asked);
    // First a question: it marks the healing in the history, for what comes after it.
    if (asked.next > 0 && this.#afterwards > 0)
      return { f: 'transact', key: `y${this.#afterwards}`, value: [this.#afterwards--, null] };
    const number = this.#sweeping(asked) ? asked.next++ : this.#due(asked, time);
    if (number !== undefined) {
      this.#asking.set(process, { node, number, time });
      return { f: 'settled', key: `x${number}` };
    }
    return [...this.#nodes.values()].some((it) => this.#sweeping(it) || this.#waits(it, time))
      ? 'wait'
      : 'done';
  }

  observe({ process, type, f, value }: Observation<AtomicCommitOps>): void {
    const asking = this.#asking.get(process);
    if (f !== 'settled' || type === 'invoke' || !asking) return;
    this.#asking.delete(process);
    const { node, number, time } = asking;
    const { open } = this.#nodes.get(node) as Asked;
    const state = type === 'ok' ? (value as Standing)[0] : 'no answer';
    if (state === 'prepared' || state === 'commit' || state === 'abort')
      this.#latest = Math.max(this.#latest, number);
    if (state === 'commit' || state === 'abort') return void open.delete(number);
    const first = open.get(number)?.first ?? time;
    open.set(number, {
      first,
      again: state === 'unknown' ? Math.max(first + LAST_NS, time + AGAIN_NS) : time + AGAIN_NS,
    });
  }

  #sweeping({ next }: Asked): boolean {
    return next <= this.#latest + FAR;
  }

  /** Which transaction this node should be asked about again. */
  #due({ open }: Asked, time: number): number | undefined {
    for (const [number, { first, again }] of open)
      if (number <= this.#latest && again <= time && time < first + PATIENCE_NS) {
        open.set(number, { first, again: Infinity });
        return number;
      }
    return undefined;
  }

  #waits({ open }: Asked, time: number): boolean {
    return open.entries().some(([number, { first }]) => number <= this.#latest && time < first + PATIENCE_NS);
  }
}

function answered(history: History<AtomicCommitOps>, decision: 'commit' | 'abort'): boolean {
  for (const operation of history)
    if (operation.f === 'transact' && operation.output === decision) return true;
  return false;
}

function decidedAtTwo(history: History<AtomicCommitOps>): boolean {
  const nodes = new Map<unknown, string | undefined>();
  for (const { f, key, node, outcome, output } of history) {
    if (f === 'transact' || outcome !== 'ok' || !['commit', 'abort'].includes(output?.[0] ?? '')) continue;
    if (nodes.has(key) && nodes.get(key) !== node) return true;
    nodes.set(key, node);
  }
  return false;
}

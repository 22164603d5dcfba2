import {
  among,
  casRegister,
  linearizable,
  regularRegister,
  sequential,
  staleness,
  type Checker,
  type History,
  type Operation,
  type Operations,
} from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type {
  Invocation,
  Observation,
  OperationGenerator,
  Source,
  Turn,
  Workload,
} from '../harness/workload.ts';
import { KeyRing, keyName, type KeyRingOptions, type LiveKey } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';

export type RegisterOps = {
  /** `null` where nothing was ever written. */
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  /** A refused compare-and-set is an answer, not a failure: the value was something else. */
  cas: { in: readonly [from: number, to: number]; out: boolean };
};

export interface RegisterOptions extends KeyRingOptions {
  /**
   * `unique`: no value is written twice, so that a read says which write it saw, and a history of any size is judged in
   * a blink. `small`: values from 0 to 4, which systems that compare values may be confused by, and checkers are.
   */
  readonly values: 'unique' | 'small';
  /**
   * What is promised. `linearizable`, each register alone; or `sequential`, all of them together: some order of everything
   * that keeps every process’s own. There a read may be stale, but nobody sees anything go back. `regular`: a read returns
   * what was written last, or is being written. `staleness`: any value that was ever written; by how much reads miss is measured.
   */
  readonly level: keyof typeof LEVELS;
  /** How often each operation is asked, in proportion to the others. */
  readonly read: number;
  readonly write: number;
  readonly cas: number;
}

const LEVELS = {
  linearizable: (): Checker<RegisterOps> => linearizable(casRegister),
  sequential: () => of(sequential()),
  regular: () => of(regularRegister()),
  staleness: () => of(staleness()),
};
/** For checkers of any operations. */
const of = (checker: Checker): Checker<RegisterOps> =>
  among<RegisterOps, Operations>(['read', 'write', 'cas'], checker);

const SMALL = 5;
/** One read in so many goes to any key that ever was: a value may be lost long after its key was left alone. */
const REVISIT = 1 / 40;
/** One compare-and-set in so many proposes a value that is known to be replaced, and ought to be refused. */
const OUTDATED = 1 / 8;

const register: Workload<RegisterOps, RegisterOptions> = {
  name: 'register',
  about: 'reads, writes and compare-and-sets of many registers; should be linearizable',
  defaults: {
    keys: 10,
    zipf: 0.8,
    perKey: 250,
    values: 'unique',
    level: 'linearizable',
    read: 5,
    write: 3,
    cas: 2,
  },
  reads: ['read'],
  main(options, random) {
    const { keys, zipf, perKey, values, level, read, write, cas } = options;
    demand('register', {
      'keys should be a whole number from 1': isCount(keys),
      'zipf should be a number from 0': isShare(zipf),
      'perKey should be a whole number from 1': isCount(perKey),
      'values should be unique or small': values === 'unique' || values === 'small',
      [`level should be ${Object.keys(LEVELS).join(', ')}`]: Object.hasOwn(LEVELS, level),
      'read, write and cas should be numbers from 0, and not all 0':
        isShare(read) && isShare(write) && isShare(cas) && read + write + cas > 0,
    });
    return new Registers(options, random);
  },
  final: (options) => everyKeyOnEveryNode(options.keys),
  checkers: ({ level }) => [LEVELS[level]()],
  sometimes: ({ read, write, cas }) => ({
    ...(read > 0 && write > 0 && { 'a read overlapped a write': readOverlappedWrite }),
    ...(read > 0 &&
      write > 0 && { 'a read saw a value': some((op) => op.f === 'read' && op.output !== null) }),
    ...(cas > 0 && { 'a compare-and-set succeeded': some((op) => op.f === 'cas' && op.output === true) }),
    ...(cas > 0 && { 'a compare-and-set was refused': some((op) => op.f === 'cas' && op.output === false) }),
  }),
};

export default register;

/** What clients have learned about a key: the value it had last, and one that it had before. */
interface Known {
  last?: number;
  before?: number;
}

/** Draws operations, and remembers what came back so that a good share of compare-and-sets can succeed. */
class Registers implements OperationGenerator<RegisterOps> {
  readonly #options: RegisterOptions;
  readonly #ring: KeyRing<Known>;
  readonly #asked = new Map<
    number,
    { readonly known: Known; readonly invocation: Invocation<RegisterOps> }
  >();
  #values = 0;

  constructor(options: RegisterOptions, random: Random) {
    this.#options = options;
    this.#ring = new KeyRing(options, random, () => ({}));
  }

  next({ process, random }: Turn): Invocation<RegisterOps> {
    const { read, write, cas } = this.#options;
    const drawn = random.fraction() * (read + write + cas);
    if (drawn < read && random.fraction() < REVISIT)
      return { f: 'read', key: keyName(random.below(this.#ring.made)) };
    const live = this.#ring.take(random);
    const { key } = live;
    const invocation: Invocation<RegisterOps> =
      drawn < read
        ? { f: 'read', key }
        : drawn < read + write
          ? { f: 'write', key, value: this.#value(random) }
          : this.#cas(live, random);
    this.#asked.set(process, { known: live.notes, invocation });
    return invocation;
  }

  observe({ process, type, value }: Observation<RegisterOps>): void {
    if (type === 'invoke') return;
    const asked = this.#asked.get(process);
    this.#asked.delete(process);
    if (asked === undefined || type !== 'ok') return;
    const { known, invocation } = asked;
    if (invocation.f === 'write') learn(known, invocation.value);
    else if (invocation.f === 'cas' && value === true) learn(known, invocation.value[1]);
    else if (invocation.f === 'read' && typeof value === 'number') learn(known, value);
  }

  #cas({ key, notes }: LiveKey<Known>, random: Random): Invocation<RegisterOps> {
    const to = this.#value(random);
    if (this.#options.values === 'small') return { f: 'cas', key, value: [random.below(SMALL), to] };
    const from = random.fraction() < OUTDATED ? (notes.before ?? notes.last) : notes.last;
    // Of a key that nobody has seen a value of, none can be proposed.
    return from === undefined ? { f: 'write', key, value: to } : { f: 'cas', key, value: [from, to] };
  }

  #value(random: Random): number {
    return this.#options.values === 'small' ? random.below(SMALL) : ++this.#values;
  }
}

function learn(known: Known, value: number): void {
  if (value === known.last) return;
  if (known.last !== undefined) known.before = known.last;
  known.last = value;
}

/**
 * Reads every key that the main phase used, once through each node. Nobody says how many there were, but their names
 * count up from 0, so each node is asked for the next and the next, until a long row of them was never written.
 */
function everyKeyOnEveryNode(keys: number): Source<RegisterOps> {
  const far = Math.max(2 * keys, 10);
  const nodes = new Map<string, { next: number; empty: number; failed: number }>();
  const asked = new Map<number, string>();
  return {
    next({ process, node }) {
      const at = nodes.get(node) ?? { next: 0, empty: 0, failed: 0 };
      nodes.set(node, at);
      if (at.empty >= far || at.failed >= far) return 'done';
      asked.set(process, node);
      return { f: 'read', key: keyName(at.next++) };
    },
    observe({ process, type, value }) {
      const at = nodes.get(asked.get(process) ?? '');
      if (at === undefined || type === 'invoke') return;
      if (type !== 'ok') at.failed++;
      else if (value === null) at.empty++;
      else at.empty = 0;
    },
  };
}

function some(
  seen: (operation: Operation<RegisterOps>) => boolean,
): (history: History<RegisterOps>) => boolean {
  return (history) => {
    for (const operation of history) if (operation.outcome === 'ok' && seen(operation)) return true;
    return false;
  };
}

/** Of the same key, neither over before the other began. */
function readOverlappedWrite(history: History<RegisterOps>): boolean {
  const latest = new Map<unknown, { read: number; write: number }>();
  for (const { f, key, outcome, call, return: returned } of history) {
    if (f === 'cas' || outcome === 'fail') continue;
    const until = latest.get(key) ?? { read: -1, write: -1 };
    if (call < (f === 'read' ? until.write : until.read)) return true;
    until[f] = Math.max(until[f], returned);
    latest.set(key, until);
  }
  return false;
}

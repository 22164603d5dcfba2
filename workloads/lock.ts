import { mutualExclusion, type History, type Operation } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Observation, OperationGenerator, Turn, Workload } from '../harness/workload.ts';
import { keyName } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';

/** The token to show to whatever the lock protects, where the service gives any; and how long the lock is good for, where it ends by itself. */
export type Grant = readonly [token: number | null, leaseMs: number | null];

/** A lock is a key. */
export type LockOps = {
  /** `false`: somebody else has it, or had it for longer than the service lets anybody wait. */
  acquire: { in: void; out: false | Grant };
  /** Does something to what the lock protects, and shows it the token; `false`: it was turned away. */
  use: { in: number | null; out: boolean };
  /** `false`: the lock had been lost before. */
  release: { in: number | null; out: boolean };
};

export interface LockOptions {
  /** How many locks. The fewer, the more processes wait for each. */
  readonly locks: number;
  /** About how many milliseconds a lock is held for. */
  readonly hold: number;
  /** The share of holders that die: they do nothing more, and do not release. */
  readonly deaths: number;
  /** The share of holders that stall after they have looked at the clock, as in a long garbage collection, and go on as if nothing had been. */
  readonly stalls: number;
  /** For how many milliseconds. */
  readonly stall: number;
  /** `exclusion`: nobody uses a lock that another holds. `fencing`: whoever has been overtaken is turned away. */
  readonly promise: 'exclusion' | 'fencing';
  /** Whether a lock may stay taken when its holder has died. At the end of the load all who hold one do. */
  readonly mayBeLost: boolean;
}

/** A holder that is awake stops using a lock after this share of its lease. */
const HEEDED = 0.7;
/** After a refusal a process leaves the lock alone for so long. */
const AGAIN_NS = 50e6;
/** When all is healed every lock is asked for until it is had, and for longer than the checker is patient. */
const PATIENCE_MS = 8000;
const LONG_NS = 1.5e6 * PATIENCE_MS;
/** Not often: an answer that gets lost may have granted it. */
const ONCE_MORE_NS = 1e9;

const lock: Workload<LockOps, LockOptions> = {
  name: 'lock',
  about: 'processes that acquire, use and release a few locks; some die, some stall. One at a time',
  defaults: {
    locks: 3,
    hold: 60,
    deaths: 0.03,
    stalls: 0,
    stall: 2500,
    promise: 'exclusion',
    mayBeLost: false,
  },
  reads: [],
  main(options, random) {
    const { locks, hold, deaths, stalls, stall, promise } = options;
    demand('lock', {
      'locks should be a whole number from 1': isCount(locks),
      'hold and stall should be milliseconds from 0': isShare(hold) && isShare(stall),
      'deaths and stalls should be shares from 0, and at most 1 together':
        isShare(deaths) && isShare(stalls) && deaths + stalls <= 1,
      'promise should be exclusion or fencing': promise === 'exclusion' || promise === 'fencing',
    });
    return new Holders(options, random);
  },
  final: ({ locks }, random) => new Takers(locks, random),
  checkers: ({ promise, mayBeLost }) => [
    mutualExclusion({ promise, patienceMs: mayBeLost ? Infinity : PATIENCE_MS }),
  ],
  sometimes: ({ deaths, stalls, promise }) => ({
    'a lock went from one process to another': changedHands,
    'an acquire overlapped a hold of another': contended,
    'a lock was used': (history) => some(history, ({ f, outcome }) => f === 'use' && outcome === 'ok'),
    ...(deaths > 0 && { 'a lock was acquired again after its holder had died': outlived }),
    ...(promise === 'fencing' &&
      stalls > 0 && {
        'a use was turned away': (history: History<LockOps>) =>
          some(history, ({ f, output }) => f === 'use' && output === false),
      }),
  }),
};

export default lock;

/** What a process is doing with a lock. */
interface Holding {
  readonly key: string;
  readonly token: number | null;
  /** When whoever heeds its lease stops using the lock. */
  readonly until: number;
  /** It does nothing before this. */
  next: number;
  /** How often it will still use the lock. */
  uses: number;
  readonly dies: boolean;
  /** It does not look at the clock again before it uses the lock. */
  stalled: boolean;
}

/** Every process asks for a lock, uses it now and then while it has it, and gives it back. */
class Holders implements OperationGenerator<LockOps> {
  readonly #options: LockOptions;
  readonly #random: Random;
  readonly #asked = new Map<number, { readonly key: string; readonly time: number }>();
  readonly #holding = new Map<number, Holding>();
  readonly #refused = new Set<number>();
  readonly #resting = new Map<number, number>();

  constructor(options: LockOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  next({ process, time }: Turn): Invocation<LockOps> | 'wait' {
    const holding = this.#holding.get(process);
    if (holding) {
      if (time < holding.next) return 'wait';
      const fit = holding.stalled || time < holding.until;
      if (holding.uses > 0 && fit) {
        holding.uses--;
        holding.stalled = false;
        holding.next = time + this.#pause();
        return { f: 'use', key: holding.key, value: holding.token };
      }
      this.#holding.delete(process);
      this.#rest(process, time);
      if (!holding.dies) return { f: 'release', key: holding.key, value: holding.token };
    }
    if (this.#refused.delete(process)) this.#rest(process, time);
    if (time < (this.#resting.get(process) ?? 0)) return 'wait';
    const key = keyName(this.#random.below(this.#options.locks));
    this.#asked.set(process, { key, time });
    return { f: 'acquire', key };
  }

  observe({ process, type, f, value }: Observation<LockOps>): void {
    const asked = this.#asked.get(process);
    if (type === 'invoke') return;
    if (type === 'info') this.#holding.delete(process);
    if (f !== 'acquire' || !asked) return;
    this.#asked.delete(process);
    if (type !== 'ok' || value === false) return void this.#refused.add(process);
    const [token, leaseMs] = value as Grant;
    const { deaths, stalls, stall } = this.#options;
    const fate = this.#random.fraction();
    const stalled = fate >= deaths && fate < deaths + stalls;
    this.#holding.set(process, {
      key: asked.key,
      token,
      // The lease began when the service gave it, which was not before it was asked.
      until: asked.time + (leaseMs === null ? Infinity : HEEDED * leaseMs * 1e6),
      next: asked.time + (stalled ? stall * 1e6 : 0),
      uses: 2 + this.#random.below(2),
      dies: fate < deaths,
      stalled,
    });
  }

  #rest(process: number, time: number): void {
    this.#resting.set(process, time + Math.round(AGAIN_NS * (0.5 + this.#random.fraction())));
  }

  /** Between two uses. */
  #pause(): number {
    return Math.round(this.#options.hold * 1e6 * (0.2 + 0.6 * this.#random.fraction()));
  }
}

/** Each lock is taken and given back once more, however long that takes. */
class Takers implements OperationGenerator<LockOps> {
  readonly #random: Random;
  readonly #left: Set<string>;
  readonly #asked = new Map<number, string>();
  readonly #holding = new Map<number, { readonly key: string; readonly token: number | null }>();
  readonly #again = new Map<string, number>();
  #end: number | undefined;

  constructor(locks: number, random: Random) {
    this.#left = new Set(Array.from({ length: locks }, (_, i) => keyName(i)));
    this.#random = random;
  }

  next({ process, time }: Turn): Invocation<LockOps> | 'wait' | 'done' {
    this.#end ??= time + LONG_NS;
    const held = this.#holding.get(process);
    if (held) {
      this.#holding.delete(process);
      return { f: 'release', key: held.key, value: held.token };
    }
    if (this.#left.size === 0 || time > this.#end) return 'done';
    const due = [...this.#left].filter((key) => time >= (this.#again.get(key) ?? 0));
    if (due.length === 0) return 'wait';
    const key = this.#random.pick(due);
    this.#again.set(key, time + ONCE_MORE_NS);
    this.#asked.set(process, key);
    return { f: 'acquire', key };
  }

  observe({ process, type, f, value }: Observation<LockOps>): void {
    const key = this.#asked.get(process);
    if (f !== 'acquire' || type === 'invoke' || key === undefined) return;
    this.#asked.delete(process);
    if (type !== 'ok' || value === false) return;
    this.#left.delete(key);
    this.#holding.set(process, { key, token: (value as Grant)[0] });
  }
}

type Op = Operation<LockOps>;

function some(history: History<LockOps>, seen: (operation: Op) => boolean): boolean {
  for (const operation of history) if (seen(operation)) return true;
  return false;
}

const granted = ({ f, outcome, output }: Op): boolean =>
  f === 'acquire' && outcome === 'ok' && output !== false;

function changedHands(history: History<LockOps>): boolean {
  const last = new Map<unknown, number>();
  return some(history, (operation) => {
    if (!granted(operation)) return false;
    const before = last.get(operation.key);
    last.set(operation.key, operation.process);
    return before !== undefined && before !== operation.process;
  });
}

/** Of those that were granted the lock, each until its process does something else with it than use it. */
function contended(history: History<LockOps>): boolean {
  const holder = new Map<unknown, Op>();
  return some(history, (operation) => {
    const { f, key, process, outcome } = operation;
    const held = holder.get(key);
    if (f === 'release' && held?.process === process) holder.delete(key);
    if (f !== 'acquire' || outcome === 'fail') return false;
    if (held && held.process !== process && operation.return > held.return) return true;
    if (granted(operation)) holder.set(key, operation);
    return false;
  });
}

/** Somebody who had the lock was never seen to give it back. */
function outlived(history: History<LockOps>): boolean {
  const holder = new Map<unknown, number>();
  return some(history, (operation) => {
    const { f, key, process, outcome } = operation;
    if (f === 'release' && outcome !== 'fail' && holder.get(key) === process) holder.delete(key);
    if (!granted(operation)) return false;
    if (holder.has(key)) return true;
    holder.set(key, process);
    return false;
  });
}

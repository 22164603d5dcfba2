import { among, linearizable, placement, register, type History, type RegisterOps } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Observation, OperationGenerator, Turn, Workload } from '../harness/workload.ts';
import { keyName } from './key-ring.ts';
import { demand, isCount, isShare } from './options.ts';

export type HashSlotsOps = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  /** One more member, or one less; returns when every key is where it belongs. */
  resize: {
    in: 'join' | 'leave';
    out: readonly [before: number, after: number, moved: number, total: number];
  };
  /** What the node that is asked has. Refused while keys are being moved. Each change of the members is an epoch. */
  owned: { in: void; out: readonly [epoch: number, members: readonly string[], keys: readonly string[]] };
};

export interface HashSlotsOptions {
  readonly keys: number;
  /** How many seconds lie between two changes of the members. */
  readonly every: number;
  /** How many times the ideal a change may move; 0: as much as it likes. */
  readonly moves: number;
  /** How many times its fair share a member may have; 0: as much as it likes. */
  readonly share: number;
}

/** What concerns no key of its own. */
const ALL = 'all';
/** Of the operations, how many go to one of so few keys that one is read soon after it was written. */
const HOT = 0.3;
const HOT_KEYS = 8;
/** So long a node is asked after the faults what it has. */
const PATIENCE_NS = 10e9;
const AGAIN_NS = 200e6;

const workload: Workload<HashSlotsOps, HashSlotsOptions> = {
  name: 'hash-slots',
  about: 'reads and writes of many keys while members join and leave; nothing is lost or owned twice',
  defaults: { keys: 300, every: 1.5, moves: 1.6, share: 1.75 },
  reads: ['read', 'owned'],
  main(options, random) {
    const { keys, every, moves, share } = options;
    demand('hash-slots', {
      'keys should be a whole number from 10': isCount(keys) && keys >= 10,
      'every should be seconds from 0': isShare(every),
      'moves and share should be 0, or numbers from 1': [moves, share].every((it) => it === 0 || it >= 1),
    });
    return new Resizing(options, random);
  },
  final: ({ keys }) => new Inventory(keys),
  checkers: ({ moves, share }) => [
    among<HashSlotsOps, RegisterOps>(['read', 'write'], linearizable(register)),
    placement({ moves: moves || Infinity, share: share || Infinity }),
  ],
  sometimes: () => ({
    'the members changed': changed,
    'a key was written while keys were moved': writtenMeanwhile,
    'every node told what it has': everybodyTold,
  }),
};

export default workload;

/** First every key is written once; then they are read and written, and now and then the members change. */
class Resizing implements OperationGenerator<HashSlotsOps> {
  readonly #options: HashSlotsOptions;
  readonly #random: Random;
  #values = 0;
  #next = 0;
  #resizing = false;
  #last: 'join' | 'leave' = 'leave';
  #resize = Infinity;

  constructor(options: HashSlotsOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  next({ time }: Turn): Invocation<HashSlotsOps> {
    const random = this.#random;
    const { keys, every } = this.#options;
    if (this.#next < keys) return { f: 'write', key: keyName(this.#next++), value: ++this.#values };
    if (this.#resize === Infinity) this.#resize = time;
    if (!this.#resizing && time >= this.#resize) {
      this.#resizing = true;
      this.#resize = time + every * 1e9;
      // The other way, mostly.
      const same = random.fraction() < 0.3;
      this.#last = (this.#last === 'join') === same ? 'join' : 'leave';
      return { f: 'resize', key: ALL, value: this.#last };
    }
    const key = keyName(random.below(random.fraction() < HOT ? Math.min(HOT_KEYS, keys) : keys));
    if (random.fraction() < 0.5) return { f: 'read', key };
    return { f: 'write', key, value: ++this.#values };
  }

  observe({ f, type }: Observation<HashSlotsOps>): void {
    if (f === 'resize' && type !== 'invoke') this.#resizing = false;
  }
}

/** Every node says what it has, and every key is read. */
class Inventory implements OperationGenerator<HashSlotsOps> {
  readonly #keys: number;
  readonly #nodes = new Map<string, { told: boolean; again: number }>();
  readonly #asking = new Map<number, string>();
  #next = 0;
  #end: number | undefined;

  constructor(keys: number) {
    this.#keys = keys;
  }

  next({ process, node, time }: Turn): Invocation<HashSlotsOps> | 'wait' | 'done' {
    this.#end ??= time + PATIENCE_NS;
    const asked = this.#nodes.get(node) ?? { told: false, again: 0 };
    this.#nodes.set(node, asked);
    if (!asked.told && time >= asked.again && time < this.#end) {
      asked.again = time + AGAIN_NS;
      this.#asking.set(process, node);
      return { f: 'owned', key: ALL };
    }
    if (this.#next < this.#keys) return { f: 'read', key: keyName(this.#next++) };
    return time >= this.#end || this.#nodes.values().every(({ told }) => told) ? 'done' : 'wait';
  }

  observe({ process, f, type }: Observation<HashSlotsOps>): void {
    if (f !== 'owned' || type === 'invoke') return;
    const asked = this.#nodes.get(this.#asking.get(process) ?? '');
    if (asked && type === 'ok') asked.told = true;
  }
}

function changed(history: History<HashSlotsOps>): boolean {
  for (const { f, outcome, output } of history)
    if (outcome === 'ok' && (f === 'resize' || (f === 'owned' && (output?.[0] ?? 1) > 1))) return true;
  return false;
}

function writtenMeanwhile(history: History<HashSlotsOps>): boolean {
  let until = -1;
  for (const { f, outcome, call, return: returned } of history) {
    if (f === 'resize' && outcome !== 'fail') until = Math.max(until, returned);
    if (f === 'write' && outcome === 'ok' && call < until) return true;
  }
  return false;
}

function everybodyTold(history: History<HashSlotsOps>): boolean {
  const told = new Set<string | undefined>();
  for (const { f, node, outcome } of history) if (f === 'owned' && outcome === 'ok') told.add(node);
  return history.nodes.every((node) => told.has(node));
}

import type { Key } from '../history.ts';
import { TransactionsBuilder } from '../transactions/builder.ts';
import { FAIL, INFO, OK } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';
import { addStep } from '../transactions/from-history.ts';
import type { MicroOperation } from '../transactions/from-history.ts';
import { fractions } from './fractions.ts';

export { fractions };

/**
 * # A simulated store
 *
 * Draws histories for tests and benchmarks: concurrent clients run random transactions against a store in
 * simulated time, all of it from one seed. The store keeps the level it is told to keep, so that a history's
 * verdict is known before any checker has seen it, or at least which verdicts would be a bug.
 *
 * ```
 *   serializable     reads and writes at one moment between call and return
 *   snapshot         reads at one moment, writes at a later one, refused when somebody else wrote there meanwhile
 *   read committed   every read at a moment of its own, writes at the end
 *   dirty            every step at a moment of its own
 * ```
 */
export interface Simulation {
  readonly kind: 'append' | 'register';
  readonly transactions: number;
  readonly clients: number;
  readonly seed: number;
  readonly isolation?: 'serializable' | 'snapshot' | 'read committed' | 'dirty';
  /** At most this many steps a transaction; 4 by default. */
  readonly steps?: number;
  /** Keys in use at any time (10 by default); a key is retired after `writesPerKey` (32 by default). */
  readonly keys?: number;
  readonly writesPerKey?: number;
  /** The fraction of transactions that never return; half of them take effect. */
  readonly crashed?: number;
  /** The fraction of transactions that fail, without effect. */
  readonly failed?: number;
  /** The fraction of reads altered at random, so that something is wrong. */
  readonly corrupted?: number;
  /** Whether every write to a register is preceded by a read of it. */
  readonly readBeforeWrite?: boolean;
}

/** A transaction of a simulation, in the shape of a neutral line. */
export interface SimulatedTransaction {
  readonly p: number;
  t: 'ok' | 'fail' | 'info';
  readonly i: number;
  e: number | null;
  readonly ops: [f: 'r' | 'a' | 'w', key: Key, value: unknown][];
}

export function simulate(simulation: Simulation): Transactions {
  return fromSimulation(simulatedTransactions(simulation));
}

export function fromSimulation(rows: readonly SimulatedTransaction[]): Transactions {
  const builder = new TransactionsBuilder();
  for (const [id, row] of rows.entries()) {
    const outcome = row.t === 'ok' ? OK : row.t === 'fail' ? FAIL : INFO;
    builder.begin(id, row.p, outcome, row.i, row.e ?? undefined);
    for (const step of row.ops) addStep(builder, step as MicroOperation, outcome === OK);
  }
  return builder.finish();
}

/** What happens next: `what` 0 calls, 1 … n take effect step by step, the last returns. */
interface Moment {
  readonly time: number;
  readonly act: () => void;
}

export function simulatedTransactions(simulation: Simulation): SimulatedTransaction[] {
  const { transactions, clients, kind } = simulation;
  const isolation = simulation.isolation ?? 'serializable';
  const maxSteps = simulation.steps ?? 4;
  const activeKeys = simulation.keys ?? 10;
  const perKey = simulation.writesPerKey ?? 32;
  const random = fractions(simulation.seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const exponential = (): number => -Math.log(1 - random());
  const agenda = new Agenda();
  const rows: SimulatedTransaction[] = [];
  const store = new Store(kind);
  const active = Array.from({ length: activeKeys }, (_, i) => i);
  const writes = new Map<number, number>();
  let nextKey = activeKeys;
  let nextProcess = clients;
  let event = 0;

  const draw = (): SimulatedTransaction['ops'] => {
    const steps: SimulatedTransaction['ops'] = [];
    const count = 1 + below(maxSteps);
    for (let s = 0; s < count; s++) {
      // Skewed, so that some keys are hot: each key is twice as likely as the one before.
      const place = Math.min(activeKeys - 1, Math.floor(Math.log2(1 + random() * (2 ** activeKeys - 1))));
      const key = active[place] as number;
      if (random() < 0.5) {
        steps.push(['r', key, undefined]);
        continue;
      }
      const value = (writes.get(key) ?? 0) + 1;
      writes.set(key, value);
      if (simulation.readBeforeWrite) steps.push(['r', key, undefined]);
      steps.push([kind === 'append' ? 'a' : 'w', key, value]);
      if (value >= perKey) active[place] = nextKey++;
    }
    return steps;
  };

  const call = (process: number): void => {
    if (rows.length >= transactions) return;
    const row: SimulatedTransaction = { p: process, t: 'ok', i: event++, e: null, ops: draw() };
    rows.push(row);
    const start = agenda.now;
    const takes = exponential();
    const fate = random();
    const finish = (outcome: 'ok' | 'fail'): void => {
      row.t = outcome;
      row.e = event++;
      const next = row.p;
      agenda.add(agenda.now + 1e-9, () => call(next));
    };
    if (fate < (simulation.failed ?? 0)) {
      agenda.add(start + takes, () => finish('fail'));
    } else if (fate < (simulation.failed ?? 0) + (simulation.crashed ?? 0)) {
      row.t = 'info';
      const replacement = nextProcess++;
      if (random() < 0.5) run(row, start, takes * 3, () => undefined);
      agenda.add(start + takes, () => call(replacement));
    } else {
      let outcome: 'ok' | 'fail' = 'ok';
      run(row, start, takes, (refused) => (outcome = refused ? 'fail' : 'ok'));
      agenda.add(start + takes, () => finish(outcome));
    }
  };

  /** Puts the moments at which a transaction touches the store on the agenda, all within `takes` of `start`. */
  const run = (
    row: SimulatedTransaction,
    start: number,
    takes: number,
    ended: (refused: boolean) => void,
  ): void => {
    const moments = Array.from({ length: isolation === 'snapshot' ? 2 : row.ops.length + 1 }, random)
      .toSorted((a, b) => a - b)
      .map((fraction) => start + fraction * takes);
    if (isolation === 'serializable') {
      agenda.add(moments[0] as number, () => {
        for (const step of row.ops) store.apply(step);
        ended(false);
      });
    } else if (isolation === 'snapshot') {
      let own = new View(store, kind);
      agenda.add(moments[0] as number, () => {
        own = new View(store, kind);
        own.freeze();
        for (const step of row.ops) own.apply(step);
      });
      agenda.add(moments[1] as number, () => ended(!own.commit(true)));
    } else {
      const own = new View(store, kind);
      for (const [s, step] of row.ops.entries())
        agenda.add(moments[s] as number, () => (isolation === 'dirty' ? store.apply(step) : own.apply(step)));
      agenda.add(moments.at(-1) as number, () => ended(!own.commit(false)));
    }
  };

  for (let process = 0; process < clients; process++) agenda.add(exponential(), () => call(process));
  agenda.run();
  if (simulation.corrupted) for (const row of rows) corrupt(row, simulation.corrupted, random);
  return rows;
}

/** Alters reads so that they say something else: shorter, older, or what is still to come. */
function corrupt(row: SimulatedTransaction, fraction: number, random: () => number): void {
  for (const step of row.ops) {
    if (step[0] !== 'r' || random() >= fraction) continue;
    const value = step[2];
    if (Array.isArray(value)) {
      const change = random();
      if (change < 0.5) value.pop();
      else if (change < 0.7) value.reverse();
      else value.push(1 + Math.floor(random() * 4));
    } else {
      const other = Math.floor(random() * 5);
      step[2] = other === 0 ? null : other;
    }
  }
}

/** Committed state: for a list its elements, for a register its values, the last of which counts. */
class Store {
  readonly #keys = new Map<Key, unknown[]>();
  readonly #kind: 'append' | 'register';

  constructor(kind: 'append' | 'register') {
    this.#kind = kind;
  }

  history(key: Key): unknown[] {
    let values = this.#keys.get(key);
    if (!values) this.#keys.set(key, (values = []));
    return values;
  }

  apply(step: SimulatedTransaction['ops'][number]): void {
    const values = this.history(step[1]);
    if (step[0] !== 'r') values.push(step[2]);
    else step[2] = this.#kind === 'append' ? values.slice() : (values.at(-1) ?? null);
  }
}

/** What one transaction sees: the store, as it was or as it is, and on top of it its own writes. */
class View {
  readonly #store: Store;
  readonly #kind: 'append' | 'register';
  readonly #own = new Map<Key, unknown[]>();
  readonly #frozen = new Map<Key, number>();
  /** Keys whose own write was read back: nobody may write there before the commit, as under a write lock. */
  readonly #locked = new Map<Key, number>();
  #isFrozen = false;

  constructor(store: Store, kind: 'append' | 'register') {
    this.#store = store;
    this.#kind = kind;
  }

  /** From now on others' writes are not seen. The store only grows, so remembering lengths is enough. */
  freeze(): void {
    this.#isFrozen = true;
  }

  apply(step: SimulatedTransaction['ops'][number]): void {
    const [f, key, value] = step;
    const own = this.#own.get(key) ?? [];
    if (f !== 'r') {
      this.#own.set(key, [...own, value]);
      this.#length(key);
      return;
    }
    const values = [...this.#store.history(key).slice(0, this.#length(key)), ...own];
    if (own.length > 0 && !this.#locked.has(key)) this.#locked.set(key, this.#length(key));
    step[2] = this.#kind === 'append' ? values : (values.at(-1) ?? null);
  }

  /** Applies the writes at once; `false` when someone else wrote one of the keys since and that matters. */
  commit(firstCommitterWins: boolean): boolean {
    if (firstCommitterWins)
      for (const key of this.#own.keys())
        if (this.#store.history(key).length !== this.#length(key)) return false;
    for (const [key, length] of this.#locked) if (this.#store.history(key).length !== length) return false;
    for (const [key, values] of this.#own) this.#store.history(key).push(...values);
    return true;
  }

  #length(key: Key): number {
    if (!this.#isFrozen) return this.#store.history(key).length;
    let length = this.#frozen.get(key);
    if (length === undefined) this.#frozen.set(key, (length = this.#store.history(key).length));
    return length;
  }
}

/** What is to happen, earliest first: a binary heap. */
class Agenda {
  now = 0;
  readonly #heap: Moment[] = [];

  add(time: number, act: () => void): void {
    const heap = this.#heap;
    let i = heap.push({ time, act }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((heap[parent] as Moment).time <= (heap[i] as Moment).time) break;
      [heap[parent], heap[i]] = [heap[i] as Moment, heap[parent] as Moment];
      i = parent;
    }
  }

  run(): void {
    for (let next = this.#pop(); next; next = this.#pop()) {
      this.now = next.time;
      next.act();
    }
  }

  #pop(): Moment | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    heap[0] = last;
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Moment).time < (heap[child] as Moment).time) child++;
      if ((heap[i] as Moment).time <= (heap[child] as Moment).time) break;
      [heap[i], heap[child]] = [heap[child] as Moment, heap[i] as Moment];
      i = child;
    }
    return first;
  }
}

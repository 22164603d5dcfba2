import { among, sessions, type History, type Operations } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, OperationGenerator, Turn, Workload } from '../harness/workload.ts';
import { demand, isShare } from './options.ts';

/** A key is a session, and belongs to one process. */
export type SessionOps = {
  /** `null` where the session holds nothing yet. */
  read: { in: void; out: number | null };
  write: { in: number; out: void };
};

export interface SessionsOptions {
  /** The share of operations that write. */
  readonly write: number;
}

/** Every so many milliseconds a client does something. */
const THINKS_NS = 20e6;

const workload: Workload<SessionOps, SessionsOptions> = {
  name: 'sessions',
  about: 'each client writes to a session and reads it again; it should never see anything older',
  defaults: { write: 0.4 },
  reads: ['read'],
  main({ write }, random) {
    demand('sessions', {
      'write should be a share above 0, below 1': isShare(write) && write > 0 && write < 1,
    });
    return new Visits(write, random);
  },
  final: (_, random) => new Visits(0.2, random, 10),
  checkers: () => [
    among<SessionOps, Operations>(
      ['read', 'write'],
      sessions({ guarantees: ['read your writes', 'monotonic reads'] }),
    ),
  ],
  sometimes: () => ({ 'a session was read after it had been written to': readAfterWrite }),
};

export default workload;

class Visits implements OperationGenerator<SessionOps> {
  readonly #write: number;
  readonly #random: Random;
  readonly #most: number;
  readonly #visits = new Map<number, { count: number; again: number }>();
  #values: number;

  /** `most` visits of each process; then it is done. */
  constructor(write: number, random: Random, most = Infinity) {
    this.#write = write;
    this.#random = random;
    this.#most = most;
    // The final phase writes other values than the main one, below 0.
    this.#values = most === Infinity ? 0 : -1e9;
  }

  next({ process, time }: Turn): Invocation<SessionOps> | 'wait' | 'done' {
    const visit = this.#visits.get(process) ?? { count: 0, again: 0 };
    this.#visits.set(process, visit);
    if (visit.count >= this.#most) return 'done';
    if (time < visit.again) return 'wait';
    visit.count++;
    visit.again = time + Math.round(THINKS_NS * (0.5 + this.#random.fraction()));
    const key = `s${process}`;
    return this.#random.fraction() < this.#write
      ? { f: 'write', key, value: ++this.#values }
      : { f: 'read', key };
  }
}

function readAfterWrite(history: History<SessionOps>): boolean {
  const written = new Set<unknown>();
  for (const { f, key, outcome, output } of history) {
    if (outcome !== 'ok') continue;
    if (f === 'write') written.add(key);
    else if (written.has(key) && output !== null) return true;
  }
  return false;
}

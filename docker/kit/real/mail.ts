import type { MailEvent, MailKind } from '../../../harness/system.ts';
import { termOf } from '../term.ts';

/** What waits to be asked for. A node that nobody asks for a while forgets the oldest. */
const MOST = 1 << 16;

/**
 * What a node sends and is sent, noted as it happens for whoever draws it: a line in memory each, some 0.3 µs, and no
 * message waits for it. Times are nanoseconds of this process's monotonic clock, which a fault may have bent.
 */
export class Mail {
  /** Every life begins elsewhere, so that messages of two lives are never taken for each other. */
  #number = Math.floor(Math.random() * 2 ** 32) * 2 ** 20;
  readonly #life = this.#number;
  readonly #most: number;
  #events: MailEvent[] = [];
  /** How many came before the first of {@link #events}. */
  #gone = 0;

  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** A number for a message that is to be sent. */
  next(): number {
    return ++this.#number;
  }

  note(kind: MailKind, number: number, peer: string, name: string, body?: unknown): void {
    if (this.#events.length >= this.#most) this.#forget(this.#most >> 1);
    this.#events.push([kind, number, peer, name, termOf(body) ?? null, now()]);
  }

  /** What there is after `cursor`, an earlier answer's `next`; what came before it will not be asked for again. */
  collect(cursor: string): { at: number; next: string; events: readonly MailEvent[] } {
    const [life, seen] = cursor.split('.').map(Number);
    if (life === this.#life && seen !== undefined && seen > this.#gone)
      this.#forget(Math.min(seen - this.#gone, this.#events.length));
    const next = `${this.#life}.${this.#gone + this.#events.length}`;
    return { at: now(), next, events: this.#events };
  }

  #forget(count: number): void {
    this.#events = this.#events.slice(count);
    this.#gone += count;
  }
}

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e9 + nanoseconds;
}

import type { Host, Key, Timer } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { Grant, Shown, TicketMessages } from './messages.ts';

/** Whoever waits for longer gives its ticket up. */
const WAIT_MS = 400;

/** What is on the disk of one lock. */
interface Counters {
  /** The next ticket to be handed out. */
  readonly next: number;
  /** The ticket that has the lock. */
  readonly serving: number | null;
}

interface Waiter {
  readonly ticket: number;
  readonly served: (grant: false | Grant) => void;
}

/**
 * Hands out tickets and serves them in order (Mellor-Crummey & Scott 1991, on one machine): a ticket has the lock until it is
 * given back, or, where tickets expire, its time is over.
 */
export class Office {
  readonly #host: Host<TicketMessages>;
  readonly #leaseMs: number;
  readonly #bug: Bug | undefined;
  readonly #queues = new Map<Key, Waiter[]>();
  readonly #leases = new Map<Key, Timer>();
  /** For the bug that keeps it here alone. */
  readonly #serving = new Map<Key, number | null>();

  /** `leaseMs` 0: tickets do not expire. */
  constructor(host: Host<TicketMessages>, leaseMs: number, bug: Bug | undefined) {
    this.#host = host;
    this.#leaseMs = leaseMs;
    this.#bug = bug;
  }

  /** Who had a lock has it still, and for a whole lease: nobody knows how much of that is over. Who waited is gone. */
  start(): void {
    for (const key of this.#host.disk.list<Key>('locks').items) {
      const { serving } = this.#counters(key);
      if (serving !== null && this.#bug !== 'no-lease-after-restart') this.#expire(key, serving);
    }
  }

  take(key: Key): Promise<false | Grant> {
    const { next, serving } = this.#counters(key);
    if (next === 0) this.#host.disk.list<Key>('locks').push(key);
    const ticket = this.#bug === 'token-from-clock' ? this.#host.clock.wall() : next;
    this.#keep(key, { next: next + 1, serving });
    return new Promise((resolve, reject) => {
      const waiter = { ticket, served: resolve };
      const queue = this.#queue(key);
      queue.push(waiter);
      this.#host.clock.after(WAIT_MS, () => {
        const at = queue.indexOf(waiter);
        if (at < 0) return; // it is being served just now
        queue.splice(at, 1);
        resolve(false);
      });
      if (serving === null) this.#serveNext(key).catch(reject);
    });
  }

  async giveBack({ key, ticket }: Shown): Promise<boolean> {
    const { serving } = this.#counters(key);
    const own = this.#bug === 'releases-any' ? serving !== null : serving === ticket;
    if (own) await this.#serveNext(key);
    else await this.#host.disk.sync();
    return own;
  }

  async #serveNext(key: Key): Promise<void> {
    this.#leases.get(key)?.cancel();
    const waiter = this.#queue(key).shift();
    this.#keep(key, { ...this.#counters(key), serving: waiter?.ticket ?? null });
    if (waiter) this.#expire(key, waiter.ticket);
    if (this.#bug !== 'ticket-before-sync') await this.#host.disk.sync();
    waiter?.served([waiter.ticket, this.#leaseMs || null]);
  }

  #expire(key: Key, ticket: number): void {
    if (this.#leaseMs === 0) return;
    const over = (): void => {
      if (this.#counters(key).serving === ticket) void this.#serveNext(key);
    };
    this.#leases.set(key, this.#host.clock.after(this.#leaseMs, over));
  }

  #queue(key: Key): Waiter[] {
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    return queue;
  }

  #counters(key: Key): Counters {
    const kept = this.#host.disk.get<Counters>(`lock ${key}`) ?? { next: 0, serving: null };
    return this.#bug === 'forgets-holder' ? { ...kept, serving: this.#serving.get(key) ?? null } : kept;
  }

  #keep(key: Key, counters: Counters): void {
    this.#host.disk.set(`lock ${key}`, counters);
    this.#serving.set(key, counters.serving);
  }
}

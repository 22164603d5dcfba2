import { NotApplied, Unreachable } from '../kit/kit.ts';
import type { Host, Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { slotOf, SLOTS, STRIPE } from './hash.ts';
import type { Handing, HashMessages, Parcel } from './messages.ts';
import type { SlotMap } from './schemes.ts';

const STRIPES = SLOTS / STRIPE;
const RECEIVE_MS = 400;

/** All that a node has on its disk of so many slots in a row. */
interface Stripe {
  /** The slots that it owns, counted from the first of the stripe. */
  readonly owned: readonly number[];
  readonly values: Readonly<Record<string, number>>;
  /** What it has stopped serving, and nobody has confirmed yet. */
  readonly leaving: { readonly epoch: number; readonly parcels: readonly Addressed[] } | null;
  /** Of whom it has received something, in which epoch last. */
  readonly received: Readonly<Record<string, number>>;
}

interface Addressed {
  readonly to: string;
  readonly parcel: Parcel;
}

/**
 * The slots of one node, and their values. A slot is handed over in three steps, each on the disk before the next:
 *
 * ```
 *   from   owned ──▶ leaving ─────────────────────────▶ gone
 *                      │ parcel, again until confirmed   ▲
 *   to                 └──────────▶ owned ───────────────┘     nobody serves it between
 * ```
 */
export class Store {
  readonly #host: Host<HashMessages>;
  readonly #all: readonly string[];
  readonly #bug: Bug | undefined;
  /** For the bug that keeps it here alone. */
  readonly #left = new Map<number, ReadonlySet<number>>();

  constructor(host: Host<HashMessages>, all: readonly string[], bug: Bug | undefined) {
    this.#host = host;
    this.#all = all;
    this.#bug = bug;
  }

  /** In the first life of the cluster: what the first map says. */
  settle(map: SlotMap): void {
    for (let stripe = 0; stripe < STRIPES; stripe++) {
      const owners = map.slice(stripe * STRIPE, (stripe + 1) * STRIPE);
      const owned = owners.flatMap((owner, slot) => (this.#all[owner] === this.#host.id ? [slot] : []));
      this.#host.disk.set(`stripe ${stripe}`, { owned, values: {}, leaving: null, received: {} });
    }
  }

  /** The latest epoch in which it gave or was given anything. */
  get epoch(): number {
    return this.#host.disk.get<number>('epoch') ?? 1;
  }

  async get(key: Key): Promise<number | null> {
    const value = this.#mine(key).values[key] ?? null;
    await this.#host.disk.sync();
    return value;
  }

  async put(key: Key, value: number): Promise<void> {
    const stripe = this.#mine(key);
    this.#keep(stripeOf(key), { ...stripe, values: { ...stripe.values, [key]: value } });
    await this.#host.disk.sync();
  }

  /** Every key that it has a value of and serves. */
  keys(): string[] {
    return Array.from({ length: STRIPES }, (_, number) => this.#stripe(number)).flatMap(
      ({ owned, values }) => {
        const own = new Set(owned);
        return Object.keys(values).filter((key) => own.has(slotOf(key) % STRIPE));
      },
    );
  }

  async handOver({ epoch, stripe: number, owners }: Handing): Promise<number> {
    this.#enter(epoch);
    const before = this.#stripe(number);
    const leaving = before.leaving ?? { epoch, parcels: this.#parcels(before, epoch, number, owners) };
    if (leaving.parcels.length === 0) return 0;
    const going = new Set(leaving.parcels.flatMap(({ parcel }) => parcel.slots));
    const without = (stripe: Stripe): Stripe => ({
      ...stripe,
      owned: stripe.owned.filter((slot) => !going.has(slot)),
      values: Object.fromEntries(
        Object.entries(stripe.values).filter(([key]) => !going.has(slotOf(key) % STRIPE)),
      ),
    });
    if (this.#bug === 'forgets-what-left')
      this.#left.set(number, new Set([...(this.#left.get(number) ?? []), ...going]));
    else if (this.#bug !== 'serves-while-moving')
      this.#keep(number, { ...without(before), leaving: this.#bug === 'deletes-first' ? null : leaving });
    await this.#host.disk.sync();
    const sent = leaving.parcels.map(({ to, parcel }) => this.#host.call(to, 'receive', parcel, RECEIVE_MS));
    if (this.#bug === 'deletes-first') await Promise.allSettled(sent);
    else await Promise.all(sent);
    if (this.#bug !== 'forgets-what-left')
      this.#keep(number, { ...without(this.#stripe(number)), leaving: null });
    await this.#host.disk.sync();
    return leaving.parcels.reduce((sum, { parcel }) => sum + Object.keys(parcel.values).length, 0);
  }

  /** Once for each sender and epoch, however often it is sent. */
  async receive({ epoch, stripe: number, slots, values }: Parcel, from: string): Promise<void> {
    this.#enter(epoch);
    const stripe = this.#stripe(number);
    if ((stripe.received[from] ?? 0) < epoch || this.#bug === 'receives-again') {
      const left = this.#left.get(number);
      if (left) this.#left.set(number, new Set([...left].filter((slot) => !slots.includes(slot))));
      this.#keep(number, {
        ...stripe,
        owned: [...new Set([...stripe.owned, ...slots])],
        values: { ...stripe.values, ...values },
        received: { ...stripe.received, [from]: epoch },
      });
    }
    await this.#host.disk.sync();
  }

  /** A message of an epoch that is over comes too late. */
  #enter(epoch: number): void {
    if (epoch < this.epoch) throw new NotApplied(`epoch ${epoch} is over`);
    if (epoch > this.epoch) this.#host.disk.set('epoch', epoch);
  }

  #parcels({ owned, values }: Stripe, epoch: number, stripe: number, owners: readonly number[]): Addressed[] {
    const parcels = new Map<string, { slots: number[]; values: Record<string, number> }>();
    const of = new Map<number, string[]>();
    for (const key of Object.keys(values)) {
      const slot = slotOf(key) % STRIPE;
      of.set(slot, [...(of.get(slot) ?? []), key]);
    }
    for (const slot of owned) {
      const to = this.#all[owners[slot] as number] as string;
      if (to === this.#host.id) continue;
      const parcel = parcels.get(to) ?? { slots: [], values: {} };
      parcels.set(to, parcel);
      parcel.slots.push(slot);
      for (const key of of.get(slot) ?? []) parcel.values[key] = values[key] as number;
    }
    return [...parcels].map(([to, parcel]) => ({ to, parcel: { epoch, stripe, ...parcel } }));
  }

  /** The stripe of a key that it owns. */
  #mine(key: Key): Stripe {
    const stripe = this.#stripe(stripeOf(key));
    if (this.#bug !== 'serves-anything' && !stripe.owned.includes(slotOf(key) % STRIPE))
      throw new NotApplied(`${this.#host.id} does not own ${key}`);
    return stripe;
  }

  #stripe(number: number): Stripe {
    const kept = this.#host.disk.get<Stripe>(`stripe ${number}`);
    if (!kept) throw new Unreachable('not settled yet');
    const left = this.#left.get(number);
    return left ? { ...kept, owned: kept.owned.filter((slot) => !left.has(slot)) } : kept;
  }

  #keep(number: number, stripe: Stripe): void {
    const left = this.#left.get(number);
    // What it forgot that it gave away is still on its disk.
    const owned = left ? [...new Set([...stripe.owned, ...left])] : stripe.owned;
    this.#host.disk.set(`stripe ${number}`, { ...stripe, owned });
  }
}

function stripeOf(key: Key): number {
  return Math.floor(slotOf(key) / STRIPE);
}

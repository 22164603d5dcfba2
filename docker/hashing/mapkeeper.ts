import { NotApplied } from '../kit/kit.ts';
import type { Host } from '../kit/kit.ts';
import { SLOTS, STRIPE } from './hash.ts';
import type { Handing, HashMessages, Maps, Resized } from './messages.ts';
import type { Scheme } from './schemes.ts';

const CALL_MS = 1000;
const AGAIN_MS = 50;
/** So many stripes are moved at a time. */
const AT_ONCE = 16;

/** The first node: it keeps the map, and has keys moved when the members change, stripe by stripe, until all are where they belong. */
export class Mapkeeper {
  readonly #host: Host<HashMessages>;
  readonly #all: readonly string[];
  readonly #scheme: Scheme;
  readonly #handOver: (handing: Handing) => Promise<number>;
  readonly #count: () => Promise<number>;

  constructor(
    host: Host<HashMessages>,
    all: readonly string[],
    scheme: Scheme,
    own: { readonly handOver: (handing: Handing) => Promise<number>; readonly count: () => Promise<number> },
  ) {
    this.#host = host;
    this.#all = all;
    this.#scheme = scheme;
    this.#handOver = own.handOver;
    this.#count = own.count;
  }

  settle(maps: Maps): void {
    this.#host.disk.set('maps', maps);
  }

  /** Where a change was under way when it died, it goes on. */
  start(): void {
    if (this.maps.moving) void this.#move(this.maps);
  }

  get maps(): Maps {
    return this.#host.disk.get<Maps>('maps') as Maps;
  }

  async resize(how: 'join' | 'leave'): Promise<Resized> {
    const { epoch, members, map, moving } = this.maps;
    if (moving) throw new NotApplied('keys are still being moved');
    const next = how === 'join' ? this.#joined(members) : members.slice(0, -1);
    if (next.length < 2 || next.length === members.length)
      throw new NotApplied(how === 'join' ? 'everybody is a member' : 'there have to be two');
    const after: Maps = {
      epoch: epoch + 1,
      members: next,
      map: this.#scheme(this.#all, next, map),
      before: map,
      moving: true,
    };
    this.#host.disk.set('maps', after);
    await this.#host.disk.sync();
    const moved = await this.#move(after);
    const counts = await Promise.all(
      next.map((node) =>
        node === this.#host.id ? this.#count() : this.#host.call(node, 'count', undefined, CALL_MS),
      ),
    );
    return [members.length, next.length, moved, counts.reduce((sum, keys) => sum + keys, 0)];
  }

  #joined(members: readonly string[]): readonly string[] {
    const joins = this.#all.find((node) => !members.includes(node));
    return joins === undefined ? members : [...members, joins];
  }

  async #move(maps: Maps): Promise<number> {
    let next = 0;
    let moved = 0;
    const mover = async (): Promise<void> => {
      for (let stripe = next++; stripe < SLOTS / STRIPE; stripe = next++) {
        const from = stripe * STRIPE;
        const [before, owners] = [maps.before, maps.map].map((map) => map.slice(from, from + STRIPE)) as [
          number[],
          number[],
        ];
        const givers = new Set(before.filter((owner, slot) => owner !== owners[slot]));
        const counts = await Promise.all(
          [...givers].map((giver) =>
            this.#until(this.#all[giver] as string, { epoch: maps.epoch, stripe, owners }),
          ),
        );
        for (const count of counts) moved += count;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, mover));
    this.#host.disk.set('maps', { ...maps, moving: false });
    await this.#host.disk.sync();
    return moved;
  }

  /** However long that takes: who has stopped serving a slot serves it no more. */
  async #until(node: string, handing: Handing): Promise<number> {
    for (;;) {
      try {
        return await (node === this.#host.id
          ? this.#handOver(handing)
          : this.#host.call(node, 'handOver', handing, CALL_MS));
      } catch {
        await this.#host.clock.sleep(AGAIN_MS);
      }
    }
  }
}

import type { Rumour } from './messages.ts';

/** As many rumours go with a message. */
const PIGGYBACKED = 6;
/** A rumour is told λ log N times. */
const LAMBDA = 3;

/** News of members on its way: told with whatever is sent anyhow, those first that were told least (§4.1). */
export class Gossip {
  readonly #rumours = new Map<string, { readonly rumour: Rumour; told: number }>();

  /** In place of what was said of the same member before. */
  begin(rumour: Rumour): void {
    this.#rumours.set(rumour.member, { rumour, told: 0 });
  }

  /** What to send along in a group of so many. */
  take(members: number): Rumour[] {
    const often = LAMBDA * Math.ceil(Math.log2(members + 1));
    const least = [...this.#rumours.values()].toSorted((a, b) => a.told - b.told).slice(0, PIGGYBACKED);
    for (const it of least) if (++it.told >= often) this.#rumours.delete(it.rumour.member);
    return least.map(({ rumour }) => rumour);
  }
}

import type { Update } from './messages.ts';

/**
 * What a node finds worth telling: blind it is not, for it hears whether what it told was news, and when it was not, it loses
 * interest with a chance of one in k (Demers et al. 1987, §1.4: feedback, coin).
 */
export class Rumours {
  readonly #k: number;
  readonly #fraction: () => number;
  readonly #hot = new Map<string, Update>();

  constructor(k: number, fraction: () => number) {
    this.#k = k;
    this.#fraction = fraction;
  }

  begin(update: Update): void {
    this.#hot.set(nameOf(update), update);
  }

  hot(): Update[] {
    return [...this.#hot.values()];
  }

  told(update: Update, news: boolean): void {
    if (!news && this.#fraction() < 1 / this.#k) this.#hot.delete(nameOf(update));
  }
}

function nameOf({ origin, number }: Update): string {
  return `${origin} ${number}`;
}

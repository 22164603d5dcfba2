import type { Skew } from './clock.ts';

/** A clock that can be skewed, over a time that cannot. Milliseconds. */
export class BentClock {
  #from = 0;
  #ahead = 0;
  #rate = 1;
  #strobe: Skew['strobe'];

  get rate(): number {
    return this.#rate;
  }

  shown(now: number): number {
    return this.#steady(now) + this.#flicker(now);
  }

  skew({ aheadMs, jumpMs = 0, rate = 1, strobe }: Skew, now: number): void {
    this.#ahead = (aheadMs ?? this.#steady(now) - now) + jumpMs;
    this.#from = now;
    this.#rate = rate;
    this.#strobe = strobe;
  }

  #steady(now: number): number {
    return now + this.#ahead + (now - this.#from) * (this.#rate - 1);
  }

  #flicker(now: number): number {
    if (this.#strobe === undefined) return 0;
    return Math.floor((now - this.#from) / this.#strobe.everyMs) % 2 === 1 ? this.#strobe.byMs : 0;
  }
}

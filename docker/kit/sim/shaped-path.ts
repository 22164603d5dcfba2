import type { Random } from '../../../harness/random.ts';
import type { Shaping } from '../../../harness/runtime.ts';

/** What would wait for longer to get through a narrow link is lost. */
const QUEUE_MS = 500;

/** What becomes of a packet. */
export interface Fate {
  readonly lost: boolean;
  /** It arrives damaged, and whoever reads it drops it. */
  readonly altered: boolean;
  readonly copies: number;
  readonly lateMs: number;
  /** The connection that it belongs to ends. */
  readonly resets: boolean;
}

const usual: Fate = { lost: false, altered: false, copies: 1, lateMs: 0, resets: false };

/** How a link carries, beyond its usual weather. A link that is as usual draws nothing, so that it makes no difference to a seed. */
export class ShapedPath {
  shaping: Shaping = {};
  readonly #random: Random;
  /** Until when what was sent before is still getting through. */
  #busyUntil = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get held(): boolean {
    return this.shaping.hold === true;
  }

  fate(now: number, bytes: number): Fate {
    const { delayMs = 0, jitterMs = 0, bytesPerSecond } = this.shaping;
    const { loss, corrupt, duplicate, reorder, reset } = this.shaping;
    let lateMs = this.#falls(reorder) ? 0 : delayMs;
    if (lateMs > 0 && jitterMs > 0)
      lateMs = Math.max(0, lateMs + (2 * this.#random.fraction() - 1) * jitterMs);
    if (bytesPerSecond !== undefined) {
      const begins = Math.max(now, this.#busyUntil);
      if (begins - now > QUEUE_MS) return { ...usual, lost: true };
      this.#busyUntil = begins + (1000 * bytes) / bytesPerSecond;
      lateMs += this.#busyUntil - now;
    }
    return {
      lost: this.#falls(loss),
      altered: this.#falls(corrupt),
      copies: this.#falls(duplicate) ? 2 : 1,
      lateMs,
      resets: this.#falls(reset),
    };
  }

  #falls(share = 0): boolean {
    return share > 0 && this.#random.fraction() < share;
  }
}

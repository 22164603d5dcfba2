import type { Random } from '../../../harness/random.ts';
import type { Surroundings } from './surroundings.ts';

/** Linux's first retransmission timeout. It doubles. */
const RETRY_MS = 200;
/** The kit's own patience with a silent connection; see `real/stream.ts`. */
const SILENCE_MS = 600;

interface Parcel {
  readonly deliver: () => void;
  /** The connection broke. */
  readonly lost: () => void;
  readonly since: number;
}

/** One direction between two nodes. A stream keeps order and retries; a datagram does neither. */
export class Link {
  cut = false;
  readonly #waiting: Parcel[] = [];
  readonly #random: Random;
  readonly #around: Surroundings;
  readonly #name: string;

  constructor(around: Surroundings, name: string) {
    this.#around = around;
    this.#name = name;
    this.#random = around.random.fork(`link ${name}`);
  }

  datagram(deliver: () => void): void {
    const { lossFraction, duplicateFraction } = this.#around.weather;
    if (this.#random.fraction() < lossFraction) return;
    const copies = this.#random.fraction() < duplicateFraction ? 2 : 1;
    for (let i = 0; i < copies; i++)
      this.#around.after(this.#delay(), () => {
        if (!this.cut) this.#hand(deliver);
      });
  }

  stream(deliver: () => void, lost: () => void): void {
    this.#waiting.push({ deliver, lost, since: this.#around.now });
    if (this.#waiting.length === 1) this.#send(this.#delay(), RETRY_MS);
  }

  /** Only the first in line travels; what is behind it waits, as behind a lost segment. */
  #send(delay: number, retry: number): void {
    this.#around.after(delay, () => {
      const first = this.#waiting[0];
      if (!first) return;
      if (this.cut && this.#around.now - first.since < SILENCE_MS) return this.#send(retry, retry * 2);
      if (this.cut) for (const parcel of this.#waiting.splice(0)) parcel.lost();
      else {
        this.#waiting.shift();
        this.#hand(first.deliver);
      }
      const next = this.#waiting[0];
      if (next) this.#send(Math.max(0, next.since + this.#delay() - this.#around.now), RETRY_MS);
    });
  }

  #hand(deliver: () => void): void {
    this.#around.note(this.#name);
    deliver();
  }

  #delay(): number {
    const { delayMs, jitterMs } = this.#around.weather;
    const fraction = this.#random.fraction();
    return delayMs + fraction * fraction * fraction * jitterMs;
  }
}

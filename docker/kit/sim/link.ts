import type { Random } from '../../../harness/random.ts';
import type { Shaping } from '../../../harness/runtime.ts';
import { type Fate, ShapedPath } from './shaped-path.ts';
import type { Surroundings } from './surroundings.ts';

/** Linux's first retransmission timeout. It doubles. */
const RETRY_MS = 200;
/** The kit's own patience with a silent connection; see `real/stream.ts`. */
const SILENCE_MS = 600;
/** Of a message whose size nobody says. */
const BYTES = 200;

interface Parcel {
  readonly deliver: () => void;
  /** The connection broke. */
  readonly lost: () => void;
  readonly since: number;
  readonly fate: Fate;
}

/** One direction between two nodes. A stream keeps order and retries; a datagram does neither. */
export class Link {
  cut = false;
  readonly path: ShapedPath;
  readonly #waiting: Parcel[] = [];
  /** Kept where they are, until the link is held no longer. */
  #held: (() => void)[] = [];
  readonly #random: Random;
  readonly #around: Surroundings;
  readonly #name: string;

  constructor(around: Surroundings, name: string) {
    this.#around = around;
    this.#name = name;
    this.#random = around.random.fork(`link ${name}`);
    this.path = new ShapedPath(around.random.fork(`path ${name}`));
  }

  /** Whether what is sent now arrives, sooner or later. */
  get carries(): boolean {
    return !this.cut && !this.path.held && (this.path.shaping.loss ?? 0) < 1;
  }

  shape(shaping: Shaping): void {
    this.path.shaping = shaping;
    if (this.path.held) return;
    for (const release of this.#held.splice(0)) release();
  }

  datagram(deliver: () => void, bytes: number = BYTES): void {
    const { lossFraction, duplicateFraction } = this.#around.weather;
    if (this.#random.fraction() < lossFraction) return;
    const fate = this.path.fate(this.#around.now, bytes);
    const copies = (this.#random.fraction() < duplicateFraction ? 2 : 1) * fate.copies;
    if (fate.lost || fate.altered) return;
    const arrive = (): void => {
      if (this.path.held) this.#held.push(arrive);
      else if (!this.cut) this.#hand(deliver);
    };
    for (let i = 0; i < copies; i++) this.#around.after(this.#delay() + fate.lateMs, arrive);
  }

  stream(deliver: () => void, lost: () => void, bytes: number = BYTES): void {
    const fate = this.path.fate(this.#around.now, bytes);
    this.#waiting.push({ deliver, lost, since: this.#around.now, fate });
    if (this.#waiting.length === 1) this.#send(this.#delay() + fate.lateMs, RETRY_MS, fate);
  }

  /** Only the first in line travels; what is behind it waits, as behind a lost segment. */
  #send(delay: number, retry: number, fate: Fate): void {
    this.#around.after(delay, () => {
      const first = this.#waiting[0];
      if (!first) return;
      if (this.path.held && !this.cut) return this.#hold();
      const gone = this.cut || fate.lost || fate.altered;
      if (gone && this.#around.now - first.since < SILENCE_MS) {
        // Sent again, it may have better luck.
        return this.#send(retry, retry * 2, this.path.fate(this.#around.now, BYTES));
      }
      if (gone || fate.resets) for (const parcel of this.#waiting.splice(0)) parcel.lost();
      else {
        this.#waiting.shift();
        this.#hand(first.deliver);
      }
      this.#sendNext();
    });
  }

  #sendNext(): void {
    const next = this.#waiting[0];
    if (!next) return;
    const due = next.since + this.#delay() + next.fate.lateMs;
    this.#send(Math.max(0, due - this.#around.now), RETRY_MS, next.fate);
  }

  /**
   * Nobody hears of what is held: whoever sent it gives the connection up. But it has been sent, and arrives when it is let
   * go, as what a kernel still holds of a connection does.
   */
  #hold(): void {
    const parcels = this.#waiting.splice(0);
    let arrived = false;
    this.#around.after(SILENCE_MS, () => {
      if (!arrived) for (const { lost } of parcels) lost();
    });
    this.#held.push(() => {
      arrived = true;
      for (const { deliver } of parcels) this.#hand(deliver);
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

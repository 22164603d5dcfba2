import type { Time, Timer } from '../time.ts';

const beatMs = 20;
/** So much later than due, and the loop has no time for anything but operations. */
const lateMs = 10;

export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
  /**
   * Whether this machine was too busy to say when things happened. Intervals are wider than they were then: a violation
   * may be hidden by that, and is never invented.
   */
  readonly coarse: boolean;
}

/**
 * A steady beat, to see how late the event loop is, and to give timers their turn: clients that answer without ever
 * leaving the loop would keep faults, deadlines and Ctrl-C waiting for ever.
 */
export class Pulse {
  readonly #time: Time;
  readonly #onBeat: () => void;
  readonly #delaysMs: number[] = [];
  #due = 0;
  #timer: Timer | undefined;

  constructor(time: Time, onBeat: () => void) {
    this.#time = time;
    this.#onBeat = onBeat;
    this.#next();
  }

  /** Whether whoever asks should wait for the next beat. */
  behind(now: number): boolean {
    return now > this.#due + lateMs * 1e6;
  }

  stop(): LoopDelay {
    this.#timer?.cancel();
    const sorted = Float64Array.from(this.#delaysMs).toSorted();
    const at = (share: number): number =>
      Math.round((sorted[Math.floor(share * sorted.length)] ?? 0) * 10) / 10;
    const [p99Ms, maxMs] = [at(0.99), Math.round((sorted.at(-1) ?? 0) * 10) / 10];
    return { p99Ms, maxMs, coarse: p99Ms > 50 || maxMs > 500 };
  }

  #next(): void {
    this.#due = this.#time.now() + beatMs * 1e6;
    this.#timer = this.#time.after(beatMs, () => {
      // Kept for a day; after that the extremes are known.
      if (this.#delaysMs.length < 4_000_000)
        this.#delaysMs.push(Math.max(0, (this.#time.now() - this.#due) / 1e6));
      this.#next();
      this.#onBeat();
    });
  }
}

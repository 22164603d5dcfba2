import type { CheckContext } from '../checker.ts';
import { stopped, type Stop } from '../stopped.ts';

/** The clock is asked once in so many steps, each of which takes well under a microsecond. */
const STEPS = 8192;

/** A check has used up its time or its memory: caught by {@link untilLimit}, and by nobody in between. */
class LimitMet extends Error {
  override readonly name = 'LimitMet';
  readonly stop: Stop;

  constructor(stop: Stop) {
    super(stopped(stop));
    this.stop = stop;
  }
}

/**
 * What a check may still spend. Passes over a history count their steps here and take their arrays from here, so that
 * deadline and memory bound hold for the linear passes as well as for searches.
 */
export class Limits {
  readonly #context: CheckContext | undefined;
  #steps = 0;
  #taken = 0;
  #bytes = 0;

  constructor(context: CheckContext | undefined) {
    this.#context = context;
  }

  /** Counts steps of work. Throws {@link LimitMet} when time is up. */
  step(count: number): void {
    this.#steps += count;
    this.#taken += count;
    if (this.#steps < STEPS) return;
    this.#steps = 0;
    if (this.timeIsUp()) throw this.#met('out of time');
  }

  timeIsUp(): boolean {
    return this.#context !== undefined && this.#context.now() > this.#context.deadline;
  }

  /** Throws {@link LimitMet} when more would be held than may be. */
  hold(bytes: number): void {
    this.#bytes += bytes;
    const most = this.#context?.memoryBytes ?? Infinity;
    if (this.#bytes > most)
      throw this.#met(
        `out of memory: the check would hold ${megabytes(this.#bytes)}, and may hold ${megabytes(most)},`,
      );
  }

  /** Looks at the clock at once: where what comes next, or has been done, is one step that takes long. */
  look(): void {
    this.step(STEPS);
    this.#taken -= STEPS;
  }

  #met(limit: string): LimitMet {
    return new LimitMet({ limit, after: `${this.#taken} steps of work` });
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Runs a pass, and counts what it took as given back when it ends: for those that keep nothing but their result. */
  passing<T>(pass: () => T): T {
    const before = this.#bytes;
    const result = pass();
    this.#bytes = before;
    return result;
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    this.hold(length * 4);
    return new Int32Array(length);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    this.hold(length);
    return new Uint8Array(length);
  }
}

/** Runs a check to its end, or until it meets a limit, which `unknown` makes an answer of: it may say what is proven meanwhile. */
export function untilLimit<T>(check: () => T, unknown: (because: (proven?: string) => string) => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof LimitMet) return unknown((proven) => stopped({ ...error.stop, proven }));
    throw error;
  }
}

/** For callers who set none. */
export function unlimited(): Limits {
  return new Limits(undefined);
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

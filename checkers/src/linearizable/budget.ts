import type { CheckContext } from '../checker.ts';

/**
 * How much a search may still spend. Asking the clock costs more than a step, so it is asked every few hundred;
 * a step of a user's model may be slow, so it is not asked less often than that.
 */
export class Budget {
  readonly #context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>;
  #steps = 0;
  #because: string | undefined;

  constructor(context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>) {
    this.#context = context;
  }

  /** Counts a step; `true` when there is no more time, or `bytes` is more than may be held. */
  spent(bytes: number): boolean {
    if (bytes > this.#context.memoryBytes)
      this.#because ??= `out of memory: the search holds ${megabytes(bytes)}`;
    else if ((++this.#steps & 0xff) === 0 && this.#context.now() > this.#context.deadline)
      this.#because ??= 'out of time';
    return this.#because !== undefined;
  }

  /** Which limit was met. */
  get because(): string | undefined {
    return this.#because;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

import type { CheckContext } from '../checker.ts';
import { stopped } from '../stopped.ts';

/** The clock is asked about this often, in milliseconds, whatever a step costs. */
const EVERY_MS = 2;
const MOST_STEPS = 4096;

/** A row of a pass costs a microsecond at most. */
const BETWEEN_ROWS = 4096;

/**
 * How much a search may still spend. Asking the clock costs more than most steps, and some steps, of a user's model,
 * cost more than anything; so how many are taken between two looks at the clock follows from how long they took.
 */
export class Budget {
  readonly #context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>;
  #steps = 0;
  #between = 1;
  #looked: number;
  #because: string | undefined;
  /** Steps and rows, as far as they have been counted. */
  #work = 0;

  constructor(context: Pick<CheckContext, 'deadline' | 'now' | 'memoryBytes'>) {
    this.#context = context;
    this.#looked = context.now();
  }

  /** Counts a step; `true` when there is no more time, or `bytes` is more than may be held. */
  spent(bytes: number): boolean {
    if (bytes > this.#context.memoryBytes) this.#because ??= `out of memory: it holds ${megabytes(bytes)}`;
    else if (++this.#steps >= this.#between) this.#look();
    return this.#because !== undefined;
  }

  /** For passes that take their room at once: throws when they would take more than there is, see {@link untilSpent}. */
  hold(bytes: number): void {
    const most = this.#context.memoryBytes;
    if (bytes > most)
      this.#because ??= `out of memory: it would hold ${megabytes(bytes)}, and may hold ${megabytes(most)},`;
    if (this.#because !== undefined) throw new Spent(this);
  }

  /**
   * For passes over rows, to be called for each: looks at the clock now and then, and throws when there is no more time. Who begins a
   * pass catches that with {@link untilSpent}.
   */
  pass(row: number): void {
    if ((row & (BETWEEN_ROWS - 1)) !== 0) return;
    if (row > 0) this.#work += BETWEEN_ROWS;
    // How fast rows are says nothing about how fast steps will be.
    this.#looked = this.#context.now();
    if (this.#looked > this.#context.deadline) this.#because ??= 'out of time';
    if (this.#because !== undefined) throw new Spent(this);
  }

  /** What an `unknown` says that has no better measure of how far it got than the work that was done; see {@link stopped}. */
  stopped(operations: number, proven?: string): string {
    const after = `${this.#work + this.#steps} steps of work on ${operations} operations`;
    return stopped({ limit: this.#because as string, after, proven });
  }

  /** Which limit was met. */
  get because(): string | undefined {
    return this.#because;
  }

  #look(): void {
    const now = this.#context.now();
    if (now > this.#context.deadline) this.#because ??= 'out of time';
    const fast = now - this.#looked < EVERY_MS;
    this.#work += this.#steps;
    this.#between = Math.min(MOST_STEPS, Math.max(1, fast ? this.#between * 2 : this.#between >> 1));
    this.#steps = 0;
    this.#looked = now;
  }
}

/** Nothing is left of a budget. */
class Spent extends Error {
  override readonly name = 'Spent';
  readonly budget: Budget;

  constructor(budget: Budget) {
    super(budget.because);
    this.budget = budget;
  }
}

/** Runs passes to their end, or until nothing is left of their budget: then `undefined`. */
export function untilSpent<T>(budget: Budget, passes: () => T): T | undefined {
  try {
    return passes();
  } catch (error) {
    if (error instanceof Spent && error.budget === budget) return undefined;
    throw error;
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

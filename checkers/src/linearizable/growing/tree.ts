import type { History } from '../../history.ts';
import type { Budget } from '../budget.ts';

/** Contents without any part. */
export const EMPTY = 0;

/**
 * All contents that anyone read, and what they were on the way there: each a number, with the contents before and the part that was
 * put to their end. After `finish` it knows of each when its last part was appended: after all that saw it without, and before
 * all that saw it.
 */
export class Tree {
  readonly #history: Pick<History, 'call' | 'return'>;
  readonly #puts: readonly (readonly number[])[];
  readonly #firsts: readonly number[];
  readonly #numbers = new Map<number, number>();
  readonly #before: number[] = [EMPTY];
  readonly #part: number[] = [-1];
  readonly #reader: number[] = [-1];
  /** The first part, if it was put; −1 otherwise. */
  readonly #root: number[] = [-1];
  readonly #since: number[] = [-1];
  readonly #until: number[] = [Infinity];

  /** `puts` are the rows that put each part; of what was put, `firsts` says how many may have appended it to nothing. */
  constructor(
    history: Pick<History, 'call' | 'return'>,
    puts: readonly (readonly number[])[],
    firsts: readonly number[],
  ) {
    this.#history = history;
    this.#puts = puts;
    this.#firsts = firsts;
  }

  get count(): number {
    return this.#before.length;
  }

  grown(contents: number, part: number): number {
    const name = contents * this.#puts.length + part;
    let number = this.#numbers.get(name);
    if (number !== undefined) return number;
    this.#numbers.set(name, (number = this.count));
    this.#before.push(contents);
    this.#part.push(part);
    this.#reader.push(-1);
    const puts = this.#puts[part] as readonly number[];
    const isPut = contents === EMPTY && puts.length > 0;
    this.#root.push(isPut ? part : (this.#root[contents] as number));
    this.#since.push(isPut ? (this.#history.call[puts[0] as number] as number) : -1);
    this.#until.push(Infinity);
    return number;
  }

  /** Notes that a row saw these parts. */
  read(row: number, parts: readonly number[]): number {
    let contents = EMPTY;
    for (const part of parts) {
      contents = this.grown(contents, part);
      this.#reader[contents] = row;
    }
    this.#since[contents] = Math.max(this.#since[contents] as number, this.#history.call[row] as number);
    this.#until[contents] = Math.min(this.#until[contents] as number, this.#history.return[row] as number);
    return contents;
  }

  /** Lets every contents know of those that grew out of them, and out of which they grew. */
  finish(budget: Budget): void {
    for (let one = this.count - 1; one > EMPTY; one--) {
      budget.pass(one);
      const before = this.#before[one] as number;
      this.#until[before] = Math.min(this.#until[before] as number, this.#until[one] as number);
    }
    for (let one = EMPTY + 1; one < this.count; one++) {
      budget.pass(one);
      this.#since[one] = Math.max(
        this.#since[one] as number,
        this.#since[this.#before[one] as number] as number,
      );
    }
  }

  before(contents: number): number {
    return this.#before[contents] as number;
  }

  part(contents: number): number {
    return this.#part[contents] as number;
  }

  /** A row that saw them, or what grew out of them. */
  reader(contents: number): number {
    return this.#reader[contents] as number;
  }

  /** Whether they consist of one part that was put. */
  isPut(contents: number): boolean {
    return this.#before[contents] === EMPTY && this.#root[contents] === this.#part[contents];
  }

  /** Whether they may have been there twice: their first part was put twice, or appended as well. */
  recurs(contents: number): boolean {
    const root = this.#root[contents] as number;
    return root >= 0 && (this.#puts[root] as readonly number[]).length + (this.#firsts[root] as number) > 1;
  }

  /** Whether a row can have appended the last part. */
  canBeFrom(row: number, contents: number): boolean {
    if (this.recurs(contents)) return true;
    const { call, return: returned } = this.#history;
    return (
      (call[row] as number) < (this.#until[contents] as number) &&
      (returned[row] as number) > (this.#since[this.before(contents)] as number)
    );
  }
}

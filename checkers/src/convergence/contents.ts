import type { History } from '../history.ts';
import { canonical, decode, NOTHING } from '../table/values.ts';
import type { Kind, Replicas } from './replicas.ts';

/** What a read found, apart for what is certain and what an update of unknown outcome may change at any time. */
interface Contents {
  /** The same number exactly where nothing that is certain differs. */
  readonly certain: number;
  /** Of sets and lists: elements that may come at any time. */
  readonly perhaps: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Compares what reads of one key found. */
export class Comparison {
  readonly #history: History;
  readonly #kind: Kind;
  /** What updates of unknown outcome put in or take out; and of that, what only comes. */
  readonly #unsure: ReadonlySet<string>;
  readonly #comes: ReadonlySet<string>;
  readonly #known = new Map<number, Contents>();
  readonly #numbers = new Map<string, number>();

  constructor(history: History, { kind, updates }: Replicas) {
    this.#history = history;
    this.#kind = kind;
    const name = (row: number): string => canonical(updated(history, row));
    this.#unsure = new Set(updates.filter((row) => history.outcome[row] === 2).map(name));
    const goes = new Set(updates.filter((row) => isRemoval(history, row)).map(name));
    this.#comes = new Set([...this.#unsure].filter((element) => !goes.has(element)));
  }

  /** A number for what a read found for certain. */
  certain(row: number): number {
    return this.#of(row).certain;
  }

  /** Whether two reads found different things, and no update of unknown outcome can be why. */
  differ(a: number, b: number): boolean {
    const isSame = this.certain(a) === this.certain(b);
    if (this.#kind === 'set' || this.#kind === 'list')
      return !isSame || this.#isGone(a, b) || this.#isGone(b, a);
    if (isSame) return false;
    // A sum does not tell which additions are in it.
    if (this.#kind === 'counter') return this.#unsure.size === 0;
    return !this.#mayBeLate(a, b) && !this.#mayBeLate(b, a);
  }

  /** Whether the value of a register may have been written only after another read. */
  #mayBeLate(row: number, other: number): boolean {
    return !this.#isBefore(row, other) && this.#unsure.has(canonical(valueOf(this.#history, row)));
  }

  /** Some element that may have come late had been found by one read before the other, which misses it, began. */
  #isGone(found: number, missed: number): boolean {
    const there = this.#of(found).perhaps;
    if (there.size === 0 || !this.#isBefore(found, missed)) return false;
    const { perhaps } = this.#of(missed);
    return [...there].some((element) => this.#comes.has(element) && !perhaps.has(element));
  }

  #isBefore(a: number, b: number): boolean {
    return (this.#history.return[a] as number) < (this.#history.call[b] as number);
  }

  #of(row: number): Contents {
    let contents = this.#known.get(row);
    if (!contents) this.#known.set(row, (contents = this.#read(row)));
    return contents;
  }

  #read(row: number): Contents {
    if (this.#kind === 'register' || this.#kind === 'counter')
      return { certain: this.#number(canonical(valueOf(this.#history, row))), perhaps: NONE };
    const elements = elementsOf(this.#history, row);
    const certain =
      this.#unsure.size === 0 ? elements : elements.filter((element) => !this.#unsure.has(element));
    const inOrder = this.#kind === 'list' ? certain : [...new Set(certain)].sort();
    const perhaps =
      this.#unsure.size === 0 ? NONE : new Set(elements.filter((element) => this.#unsure.has(element)));
    return { certain: this.#number(inOrder.join('\n')), perhaps };
  }

  #number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return number;
  }
}

/** The elements that a read of a set or list returned, as texts. */
export function elementsOf(history: History, row: number): string[] {
  const value = valueOf(history, row);
  return Array.isArray(value) ? (value as readonly unknown[]).map(canonical) : [];
}

function valueOf(history: History, row: number): unknown {
  const code = history.output[row] as number;
  return code === NOTHING ? null : decode(code, history.values);
}

/** What an update puts in, or takes out. */
export function updated(history: History, row: number): unknown {
  const code = history.input[row] as number;
  const input = code === NOTHING ? null : decode(code, history.values);
  return history.names[history.f[row] as number] === 'cas' && Array.isArray(input)
    ? (input[1] as unknown)
    : input;
}

export function isRemoval(history: History, row: number): boolean {
  return history.names[history.f[row] as number] === 'remove';
}

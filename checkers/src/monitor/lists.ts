import type { Key } from '../history.ts';
import { print } from '../models/print.ts';
import type { MicroOperation } from '../transactions/from-history.ts';
import type { Node } from './growing-order.ts';
import { nameOf, type Seen } from './seen.ts';

/** A transaction that appends to lists and reads them, as far as it has been seen. */
export interface Transaction {
  readonly op: Seen;
  readonly node: TransactionNode;
  readonly appends: readonly Append[];
  /** How many of its appends nobody has seen yet. */
  unseen: number;
  /** Whether it has ended, however it did. */
  ended: boolean;
  /** Whether it certainly took effect, and by when. */
  happened: boolean;
  by: number;
  /** Who saw that first, if it did not say so itself. */
  witness: Transaction | undefined;
  /** Too old to be remembered although some of its appends were never seen. */
  expired: boolean;
  /** The lists whose end it may be concerned with. */
  readonly ends: List[];
  /** What its process called next, although nobody knows how it ended. */
  next: Transaction | undefined;
}

export interface Append {
  readonly list: List;
  readonly value: unknown;
  readonly of: Transaction;
  /** The one before it on the same list by the same transaction. */
  readonly earlier: Append | undefined;
  /** Whether it is the last of its transaction on its list. */
  last: boolean;
  /** Its place in the list, once somebody has seen it. */
  place: number;
}

/** A moment in real time: after everything that had returned by then, and before everything that was called later. */
export interface Moment {
  readonly at: number;
}

export type TransactionNode = Node<Transaction | Moment, Why>;

/** Why one transaction has to come before another; `past` where those in between are forgotten. */
export interface Why {
  readonly kind: 'ww' | 'wr' | 'rw' | 'session' | 'real time' | 'past';
  readonly list?: List;
}

export function isMoment(of: Transaction | Moment): of is Moment {
  return 'at' in of;
}

/** Whether time alone says that one comes before the other. */
export function inTime(from: Transaction | Moment, to: Transaction | Moment): boolean {
  return (isMoment(from) ? from.at : from.by) < (isMoment(to) ? to.at : to.op.call);
}

/** Appended by a transaction that failed. */
export const FAILED: unique symbol = Symbol('failed');

/** One list: its elements in the order that somebody has seen them in, and who is concerned with its end. */
export class List {
  readonly key: Key;
  /** The names of its elements, and of each whether it was its transaction's last here. */
  readonly names: unknown[] = [];
  readonly last: boolean[] = [];
  /** Who appended each, as long as that is remembered. */
  readonly writers: (Append | undefined)[] = [];
  /** For each element that was ever appended: its place, or the append while nobody has seen it. */
  readonly elements: Map<unknown, number | Append | typeof FAILED> = new Map();
  /** Who showed the last of them. */
  reader: Seen | undefined;
  /** Who read all of it. */
  readers: Transaction[] = [];
  /** Appends that took effect, and that nobody has seen. */
  readonly unseen: Set<Append> = new Set();

  constructor(key: Key) {
    this.key = key;
  }

  get length(): number {
    return this.names.length;
  }

  /** The element at a place, as text. */
  describe(place: number): string {
    const name = this.names[place];
    return typeof name === 'string' && name.startsWith('\0') ? name.slice(1) : print(name);
  }
}

/** Why a transaction contradicts itself, whatever everybody else did; or `undefined`. */
export function contradiction(steps: readonly MicroOperation[]): string | undefined {
  if (!steps.some(([, key], i) => steps.findIndex((other) => other[1] === key) < i)) return undefined;
  const keys = new Map<Key, { known: readonly unknown[] | undefined; own: unknown[] }>();
  for (const [at, [f, key, value]] of steps.entries()) {
    const before = keys.get(key);
    if (isAppend(f)) {
      if (before) before.own.push(nameOf(value));
      else keys.set(key, { known: undefined, own: [nameOf(value)] });
      continue;
    }
    const names = elementsOf(value).map(nameOf);
    const expected = before?.own ?? [];
    const others = names.length - expected.length;
    if (others < 0 || expected.some((name, i) => names[others + i] !== name))
      return `it appended to ${key} and then read ${print(value)} from it`;
    const known = before?.known;
    if (known && (known.length !== others || known.some((name, i) => names[i] !== name)))
      return `it read ${key} twice, and what it read last, ${print(value)}, is not what it had read before with its own appends`;
    if (names.length > 0 && appendsLater(steps, at, key, names.at(-1)))
      return `it read ${print(value)} from ${key} before it appended the last of that`;
    keys.set(key, { known: names, own: [] });
  }
  return undefined;
}

export function isAppend(f: string): boolean {
  return f === 'append' || f === 'a';
}

/** What a read returned; nothing is an empty list. */
export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function appendsLater(steps: readonly MicroOperation[], at: number, key: Key, name: unknown): boolean {
  return steps.slice(at + 1).some(([f, k, value]) => isAppend(f) && k === key && nameOf(value) === name);
}

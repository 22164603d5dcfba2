/** What a replica holds of a key: one version, or, with vector clocks, several that nobody has seen all of. */
export interface Copy {
  readonly siblings: readonly Sibling[];
  /** With vector clocks: what is here, or was replaced by what is here. */
  readonly clock: Clock;
}

/** A version. No two ever have the same dot. */
export interface Sibling {
  readonly dot: Dot;
  readonly content: Content;
}

export type Dot = readonly [counter: number, writer: string];
/** Of each writer, the highest counter. */
export type Clock = Readonly<Record<string, number>>;
/** A register’s value, or a set’s elements. */
export type Content = number | readonly number[];

export const NOTHING: Copy = { siblings: [], clock: {} };

/** Which of two copies holds, and how a write is told apart from every other: {@link lastWriteWins}, {@link vectorClocks}. */
export interface Versions {
  merge(a: Copy, b: Copy): Copy;
  /** Whether `a` has all that is in `b`. */
  covers(a: Copy, b: Copy): boolean;
}

/** Ordered by counter, then by writer. */
export function newer(a: Dot, b: Dot): boolean {
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

/** The newest version, where one has to be picked. */
export function newest({ siblings }: Copy): Sibling | undefined {
  return siblings.reduce<Sibling | undefined>(
    (best, one) => (best === undefined || newer(one.dot, best.dot) ? one : best),
    undefined,
  );
}

/** A register’s value. Of several versions the newest: a number cannot be merged. */
export function numberIn(copy: Copy): number | null {
  const content = newest(copy)?.content;
  return typeof content === 'number' ? content : null;
}

/** A set’s elements: those of all versions, as Dynamo’s shopping cart is merged. */
export function elementsIn({ siblings }: Copy): number[] {
  return [...new Set(siblings.flatMap(({ content }) => content))].toSorted((a, b) => a - b);
}

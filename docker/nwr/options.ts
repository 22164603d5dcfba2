/** How many replicas a key has, how many must have a write, how many a read must hear, and what else may be chosen. */
export interface Choices {
  readonly n: number;
  readonly w: number;
  readonly r: number;
  /** Whether a read waits until W replicas have what it returns. */
  readonly writesBack: boolean;
  /** Whether a read tells those that lag, without waiting for them. */
  readonly repairs: boolean;
  readonly vectors: boolean;
  readonly sloppy: boolean;
}

export function choicesOf(options: Readonly<Record<string, string>>): Choices {
  const [n, w, r] = ['n', 'w', 'r'].map((name) => Number(options[name])) as [number, number, number];
  if (![n, w, r].every((it) => Number.isInteger(it) && it >= 1) || w > n || r > n)
    throw new Error(
      `n, w and r should be whole numbers from 1, and w and r at most n; they are ${n}, ${w} and ${r}`,
    );
  return {
    n,
    w,
    r,
    writesBack: options['writeback'] === 'yes',
    repairs: options['repair'] !== 'no',
    vectors: options['versions'] === 'vector',
    sloppy: options['sloppy'] === 'yes',
  };
}

import type { History } from '../../history.ts';
import type { Budget } from '../budget.ts';
import { EMPTY, type Tree } from './tree.ts';

/** Nobody saw what it appended. */
export const UNSEEN: number = -1;

/** Rows that appended the same part, and the contents that end in it. */
export interface Append {
  readonly rows: number[];
  readonly contents: number[];
  /** Those of the rows that may have appended to nothing what was put as well. */
  readonly firsts: Set<number>;
}

/** The contents whose last part a row appended, or {@link UNSEEN}. */
export interface Source {
  readonly row: number;
  readonly contents: number;
}

/**
 * Every way to say which append led to which contents that anyone saw, as far as real time does not rule it out by itself;
 * `undefined` if there are more than `most`. An append leads to one contents; contents may recur if what they begin with was put
 * twice, and only then can two appends lead to the same.
 */
export function sources(
  appends: readonly Append[],
  tree: Tree,
  { call }: Pick<History, 'call'>,
  most: number,
  budget: Budget,
): Iterable<readonly Source[]> | undefined {
  const certain: Source[] = [];
  const choices: (readonly (readonly Source[])[])[] = [];
  let ways = 1;
  for (const [part, { rows, contents, firsts }] of appends.entries()) {
    budget.pass(part);
    const [only] = rows;
    if (only === undefined) continue;
    if (firsts.size === 0 && (rows.length === 1 || contents.length === 0)) {
      for (const row of rows) certain.push({ row, contents: contents[0] ?? UNSEEN });
      continue;
    }
    const byCall = rows.toSorted((a, b) => (call[a] as number) - (call[b] as number));
    const possible = (row: number): number[] => [
      ...contents.filter((one) => tree.canBeFrom(row, one)),
      ...(firsts.has(row) ? [tree.grown(EMPTY, part)] : []),
    ];
    const found = assignments(byCall, contents, possible, tree, most);
    ways *= found.length;
    if (ways > most) return undefined;
    choices.push(found);
  }
  return combined(certain, choices);
}

/** All ways for one part. More than `most` are of no use to anyone. */
function assignments(
  rows: readonly number[],
  contents: readonly number[],
  possible: (row: number) => readonly number[],
  tree: Tree,
  most: number,
): Source[][] {
  let begun: Source[][] = [[]];
  for (const row of rows) {
    const own = [...possible(row), UNSEEN];
    begun = begun.flatMap((sources) =>
      own
        .filter(
          (one) => one === UNSEEN || tree.recurs(one) || sources.every((source) => source.contents !== one),
        )
        .map((one) => [...sources, { row, contents: one }]),
    );
    if (begun.length > most * (contents.length + 1) * 4) return begun;
  }
  return begun.filter((sources) =>
    contents.every((one) => sources.some((source) => source.contents === one)),
  );
}

function* combined(
  certain: readonly Source[],
  choices: readonly (readonly (readonly Source[])[])[],
): Generator<Source[]> {
  const chosen = choices.map(() => 0);
  if (choices.some((ways) => ways.length === 0)) return;
  for (;;) {
    yield [...certain, ...choices.flatMap((ways, i) => ways[chosen[i] as number] as readonly Source[])];
    let i = 0;
    for (; i < choices.length; i++) {
      chosen[i]!++;
      if ((chosen[i] as number) < (choices[i] as readonly unknown[]).length) break;
      chosen[i] = 0;
    }
    if (i === choices.length) return;
  }
}

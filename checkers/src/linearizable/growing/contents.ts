import type { GrowthMoves } from '../../model.ts';
import { canonical } from '../../table/values.ts';

/** Takes contents that were read apart into the numbers of their parts, in order; `undefined` if nobody wrote these. */
type Reader = (contents: unknown) => readonly number[] | undefined;

/** The different parts that were written, numbered, and how contents are taken apart into them. */
export interface Parts {
  readonly count: number;
  number(part: unknown): number;
  readonly read: Reader;
}

/**
 * How to take contents apart, or why there may be more than one way. Lists come apart by themselves. Texts do if no part is
 * the beginning of another, as no number with a full stop behind it is the beginning of another number: wherever in a text
 * one part ends, at most one other can go on.
 */
export function partsOf(
  written: readonly unknown[],
  contents: GrowthMoves['contents'],
): Parts | { readonly unfit: string } {
  return contents === 'list' ? listParts(written) : textParts(written);
}

function listParts(written: readonly unknown[]): Parts {
  const name = (element: unknown): string | number =>
    typeof element === 'number' ? element : canonical(element ?? null);
  const numbers = numbered(written.map(name));
  return {
    count: numbers.size,
    number: (part) => numbers.get(name(part)) as number,
    read(contents) {
      const parts = contents ?? [];
      if (!Array.isArray(parts)) return undefined;
      const found = parts.map((element) => numbers.get(name(element)));
      return found.includes(undefined) ? undefined : (found as number[]);
    },
  };
}

function textParts(written: readonly unknown[]): Parts | { readonly unfit: string } {
  const odd = written.findIndex((part) => typeof part !== 'string' || part === '');
  if (odd >= 0) return { unfit: `${canonical(written[odd] ?? null)} was written` };
  const numbers = numbered(written as readonly string[]);
  // In alphabetical order, what begins with a text comes directly behind it.
  const sorted = [...numbers.keys()].toSorted();
  for (const [i, text] of sorted.slice(1).entries())
    if (text.startsWith(sorted[i] as string))
      return {
        unfit: `texts can be read in two ways: ${canonical(text)} begins with ${canonical(sorted[i])}`,
      };
  const lengths = [...new Set(sorted.map(({ length }) => length))];
  // Who reads next has most likely read the same and a little more.
  let before = '';
  let partsBefore: readonly number[] = [];
  return {
    count: numbers.size,
    number: (part) => numbers.get(part as string) as number,
    read(contents) {
      if (typeof contents !== 'string') return undefined;
      const goesOn = contents.startsWith(before);
      const parts = goesOn ? [...partsBefore] : [];
      for (let at = goesOn ? before.length : 0; at < contents.length;) {
        const length = lengths.find((some) => numbers.has(contents.slice(at, at + some)));
        if (length === undefined) return undefined;
        parts.push(numbers.get(contents.slice(at, at + length)) as number);
        at += length;
      }
      before = contents;
      partsBefore = parts;
      return parts;
    },
  };
}

function numbered<Name>(names: readonly Name[]): Map<Name, number> {
  const numbers = new Map<Name, number>();
  for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
  return numbers;
}

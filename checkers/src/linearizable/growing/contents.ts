import type { Budget } from '../budget.ts';
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
  budget: Budget,
): Parts | { readonly unfit: string } {
  return contents === 'list' ? listParts(written, budget) : textParts(written, budget);
}

function listParts(written: readonly unknown[], budget: Budget): Parts {
  const name = (element: unknown): string | number =>
    typeof element === 'number' ? element : canonical(element ?? null);
  const numbers = numbered(written.map(name), budget);
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

function textParts(written: readonly unknown[], budget: Budget): Parts | { readonly unfit: string } {
  const odd = written.findIndex((part) => typeof part !== 'string' || part === '');
  if (odd >= 0) return { unfit: `${canonical(written[odd] ?? null)} was written` };
  const numbers = numbered(written as readonly string[], budget);
  const lengths = [...new Set([...numbers.keys()].map(({ length }) => length))].toSorted((a, b) => a - b);
  for (const [text, number] of numbers) {
    budget.pass(number);
    const length = lengths.find((some) => some < text.length && numbers.has(text.slice(0, some)));
    if (length !== undefined)
      return {
        unfit: `texts can be read in two ways: ${canonical(text)} begins with ${canonical(text.slice(0, length))}`,
      };
  }
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

function numbered<Name>(names: readonly Name[], budget: Budget): Map<Name, number> {
  const numbers = new Map<Name, number>();
  for (const [i, name] of names.entries()) {
    budget.pass(i);
    if (!numbers.has(name)) numbers.set(name, numbers.size);
  }
  return numbers;
}

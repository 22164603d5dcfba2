import type { History } from '../../history.ts';
import type { Budget } from '../budget.ts';
import type { GrowthMoves } from '../../model.ts';
import { Table } from '../../table/table.ts';
import { decode } from '../../table/values.ts';
import { READ, SWAP, UNSURE, WRITE, type RegisterSteps } from '../register/steps.ts';
import { partsOf } from './contents.ts';
import { sources, UNSEEN, type Append } from './sources.ts';
import { EMPTY, Tree } from './tree.ts';

/** Growing contents seen as values of a register. */
export type Grown =
  /** In as many ways as there are; one of them has to be legal. */
  | { readonly ways: Iterable<RegisterSteps> }
  /** Rows of which one saw what cannot be, or not with what the other saw. */
  | { readonly fault: readonly number[] }
  /** The history is for somebody else, and why. */
  | { readonly unfit: string };

/** Who appended what is guessed in as many ways as this. */
const MOST_WAYS = 256;

/**
 * # Contents that grow
 *
 * Whoever reads a text of three parts sees who wrote the last, what that one found, and what the one before found. So if contents
 * can be taken apart in one way only, every append of which anyone has seen the effect is a compare-and-set, and every
 * other append a write that nobody saw:
 *
 * ```
 * put a · append b · append c · get → abc      write a · cas a→ab · cas ab→abc · read → abc
 * append d, in no text that was read           write d: anywhere before a put, or at the end
 * ```
 *
 * That is a register, whose values are unique unless something is put twice. Where the same is appended twice, real time leaves
 * few ways to say which of the two anyone saw, mostly one; all are tried (see {@link sources}), as are the ways in which what was put
 * may have been appended to nothing instead. An append that may not have
 * happened counts if somebody saw it.
 */
export function grow(history: History, moves: GrowthMoves, budget: Budget): Grown {
  const { length, f, outcome, input, output, values, call, return: returned } = history;
  const named = (name: string | undefined): Uint8Array =>
    Uint8Array.from(history.names, (other) => (other === name ? 1 : 0));
  const [isAppend, isPut, isRead] = [named(moves.append), named(moves.put), named(moves.read)];
  const writers: number[] = [];
  /** Since when there is certainly something. */
  let filled = Infinity;
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    const which = f[i] as number;
    if (outcome[i] === 1 || isRead[which]) continue;
    if (!isAppend[which] && !isPut[which]) return { unfit: `of an operation called ${history.names[which]}` };
    writers.push(i);
    if (outcome[i] === 0 && (returned[i] as number) < filled) filled = returned[i] as number;
  }
  const inputOf = (row: number): unknown => decode(input[row] as number, values);
  const parts = partsOf(writers.map(inputOf), moves.contents, budget);
  if ('unfit' in parts) return parts;

  const kind = new Uint8Array(length);
  const value = new Int32Array(length);
  const from = new Int32Array(length);
  const appends: Append[] = [];
  const puts: number[][] = [];
  for (let part = 0; part < parts.count; part++) {
    budget.pass(part);
    appends.push({ rows: [], contents: [], firsts: new Set() });
    puts.push([]);
  }
  for (const [i, row] of writers.entries()) {
    budget.pass(i);
    const part = parts.number(inputOf(row));
    if (isPut[f[row] as number]) puts[part]?.push(row);
    else appends[part]?.rows.push(row);
  }
  for (const [part, { rows, firsts }] of appends.entries()) {
    budget.pass(part);
    if (puts[part]?.length) for (const row of rows) if ((call[row] as number) < filled) firsts.add(row);
  }
  const tree = new Tree(
    history,
    puts,
    appends.map(({ firsts }) => firsts.size),
  );
  for (const [part, rows] of puts.entries()) {
    budget.pass(part);
    for (const row of rows) {
      kind[row] = WRITE;
      value[row] = tree.grown(EMPTY, part);
    }
  }
  for (let i = 0; i < length; i++) {
    budget.pass(i);
    if (outcome[i] !== 0 || !isRead[f[i] as number]) continue;
    const seen = parts.read(decode(output[i] as number, values));
    if (!seen) return { fault: [i] };
    kind[i] = READ;
    value[i] = tree.read(i, seen);
  }

  for (let contents = EMPTY + 1; contents < tree.count; contents++) {
    budget.pass(contents);
    if (!tree.isPut(contents)) appends[tree.part(contents)]?.contents.push(contents);
  }
  for (const { rows, contents } of appends)
    // Nobody appended it, or not as often as there are contents that end in it.
    if (contents.length > rows.length) return { fault: contents.map((one) => tree.reader(one)) };
  tree.finish(budget);
  const alone = new Table({ ...history, key: new Int32Array(length).fill(-1), keys: [] });
  const ways = sources(appends, tree, history, MOST_WAYS, budget);
  if (!ways) return { unfit: 'the same was appended too often' };
  return { ways: spelled() };

  function* spelled(): Generator<RegisterSteps> {
    for (const found of ways as NonNullable<typeof ways>) {
      const own = { kind: kind.slice(), value: value.slice(), from: from.slice() };
      let swaps = 0;
      let unseen = tree.count;
      for (const [i, { row, contents }] of found.entries()) {
        budget.pass(i);
        if (contents !== UNSEEN) {
          own.kind[row] = outcome[row] === 0 ? SWAP : UNSURE;
          own.from[row] = tree.before(contents);
          own.value[row] = contents;
          swaps++;
        } else if (outcome[row] === 0) {
          own.kind[row] = WRITE;
          own.value[row] = unseen++;
        }
      }
      yield { length, ...own, initial: EMPTY, swaps, refused: 0, history: alone };
    }
  }
}

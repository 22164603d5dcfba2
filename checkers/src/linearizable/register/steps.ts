import type { History } from '../../history.ts';
import type { RegisterMove } from '../../model.ts';
import type { Budget } from '../budget.ts';
import { canonical, decode, FALSE, NOTHING, NULL, sameCodes, TRUE } from '../../table/values.ts';

/** What an operation does to a register. */
export const SKIP = 0;
export const READ = 1;
export const WRITE = 2;
/** A compare-and-set that swapped, one that was refused, and one of which nobody knows. */
export const SWAP = 3;
export const REFUSED = 4;
export const UNSURE = 5;

/**
 * A history seen as operations of registers, in columns beside the history's own. Values are codes, and
 * equal codes are equal values. Skipped are operations that say nothing: those that did not happen, and
 * reads whose answer never came.
 */
export interface RegisterSteps {
  readonly length: number;
  readonly kind: Uint8Array;
  /** What a read saw; what the others write, or would have written. */
  readonly value: Int32Array;
  /** What a compare-and-set expects. */
  readonly from: Int32Array;
  readonly initial: number;
  /** The number of compare-and-sets, and of those that were refused. */
  readonly swaps: number;
  readonly refused: number;
  readonly history: History;
}

export function registerSteps(
  history: History,
  moves: { readonly [f: string]: RegisterMove },
  initial: unknown,
  budget?: Budget,
): RegisterSteps {
  const n = history.length;
  const codes = codesOf(history.values);
  const kind = new Uint8Array(n);
  const value = new Int32Array(n);
  const from = new Int32Array(n);
  const of = history.names.map((name) => codes.move(moves[name]));
  const { f, outcome, input, output } = history;
  const same = codes.same;
  let swaps = 0;
  let refused = 0;
  for (let i = 0; i < n; i++) {
    budget?.pass(i);
    const ended = outcome[i] as number;
    const move = of[f[i] as number] as Move;
    if (ended === 1 || move.kind === SKIP) continue;
    if (move.kind === READ) {
      if (ended !== 0) continue;
      kind[i] = READ;
      value[i] = same ? same(output[i] as number) : (output[i] as number);
    } else if (move.kind === WRITE) {
      kind[i] = WRITE;
      value[i] = same ? same(input[i] as number) : (input[i] as number);
    } else {
      const pair = move.pair ?? codes.pair(input[i] as number);
      const no = ended === 0 && output[i] === FALSE;
      kind[i] = ended === 2 ? UNSURE : no ? REFUSED : SWAP;
      from[i] = pair.from;
      value[i] = pair.to;
      swaps++;
      if (no) refused++;
    }
  }
  return { length: n, kind, value, from, initial: codes.code(initial), swaps, refused, history };
}

/** A history's parts share its values, and counterexamples are shrunk by looking at many parts. */
const KNOWN = new WeakMap<readonly unknown[], Codes>();

function codesOf(values: readonly unknown[]): Codes {
  let codes = KNOWN.get(values);
  if (!codes || codes.size !== values.length) KNOWN.set(values, (codes = new Codes(values)));
  return codes;
}

interface Pair {
  readonly from: number;
  readonly to: number;
}

interface Move {
  readonly kind: number;
  /** Where the operands of a compare-and-set are the same each time. */
  readonly pair?: Pair;
}

/** Codes for values that stand inside others, equal to those of the same values standing alone. */
class Codes {
  readonly same: ((code: number) => number) | undefined;
  /** How many values there were. */
  readonly size: number;
  readonly #values: readonly unknown[];
  readonly #known = new Map<string, number>();
  readonly #pairs = new Map<number, Pair>();
  #next: number;

  constructor(values: readonly unknown[]) {
    this.#values = values;
    this.size = values.length;
    this.#next = 2 ** 30 + values.length;
    // Pairs are operands, and are taken apart; only longer values are ever compared whole.
    this.same = sameCodes(values.map((value) => (Array.isArray(value) && value.length === 2 ? null : value)))
      ? sameCodes(values)
      : undefined;
  }

  code(value: unknown): number {
    if (typeof value === 'number' && (value | 0) === value && Math.abs(value) < 2 ** 30) return value;
    if (value === undefined) return NOTHING;
    if (value === null || typeof value === 'boolean') return value === null ? NULL : value ? TRUE : FALSE;
    if (this.#known.size === 0) this.#learn();
    const name = canonical(value);
    let code = this.#known.get(name);
    if (code === undefined) {
      code = this.#next++;
      this.#known.set(name, code);
    }
    return code;
  }

  pair(input: number): Pair {
    let pair = this.#pairs.get(input);
    if (!pair) {
      const operands = decode(input, this.#values);
      const [from, to] = Array.isArray(operands) ? (operands as readonly unknown[]) : [undefined, undefined];
      pair = { from: this.code(from), to: this.code(to) };
      this.#pairs.set(input, pair);
    }
    return pair;
  }

  move(move: RegisterMove | undefined): Move {
    if (move === undefined) return { kind: SKIP };
    if (move === 'read') return { kind: READ };
    if (move === 'write') return { kind: WRITE };
    if (move === 'cas') return { kind: SWAP };
    return { kind: SWAP, pair: { from: this.code(move[0]), to: this.code(move[1]) } };
  }

  #learn(): void {
    for (const [place, value] of this.#values.entries()) {
      const name = canonical(value);
      if (!this.#known.has(name)) this.#known.set(name, 2 ** 30 + place);
    }
  }
}

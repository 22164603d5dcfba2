/**
 * # Values as 32-bit codes
 *
 * A column holds one `Int32` a row, and most values of most workloads are small integers, so those are
 * their own code. Everything else lives once in a dictionary and its code is its place there:
 *
 * ```
 *   −2³¹          no value at all (a read has no input, an unknown outcome has no output)
 *   −2³⁰ … 2³⁰−1  the integer itself
 *   2³⁰ + i       entry i of the dictionary: null, true, false, then whatever came
 * ```
 *
 * Scalars and pairs of scalars (the input of a compare-and-set) are stored once, so for them equal codes
 * and equal values are the same thing. Longer lists and objects get an entry each time they occur: looking
 * up a million transactions to find that no two are equal costs more than it saves. Whoever needs the
 * equality of those too asks {@link sameCodes}.
 */

export const NOTHING: number = -(2 ** 31);
const DICTIONARY = 2 ** 30;
export const NULL: number = DICTIONARY;
export const TRUE: number = DICTIONARY + 1;
export const FALSE: number = DICTIONARY + 2;

/** The value behind a code. Never mutate it: rows share it. */
export function decode(code: number, values: readonly unknown[]): unknown {
  if (code >= DICTIONARY) return values[code - DICTIONARY];
  return code === NOTHING ? undefined : code;
}

/** Gives out codes. One of these belongs to one table. */
export class ValueEncoder {
  readonly values: unknown[] = [null, true, false];
  readonly #places = new Map<string, number>();
  readonly #pairs = new Map<number | string, number>();

  encode(value: unknown): number {
    if (typeof value === 'number') return this.#number(value);
    if (value === undefined) return NOTHING;
    if (value === null) return NULL;
    if (value === true) return TRUE;
    if (value === false) return FALSE;
    if (typeof value === 'string') return this.#once(`s${value}`, value);
    if (Array.isArray(value) && value.length === 2) {
      const [first, second] = value as readonly unknown[];
      if (isScalar(first) && isScalar(second))
        return this.pair(this.encode(first), this.encode(second), first, second);
    }
    return this.append(value);
  }

  /** The code of the pair `[first, second]`, whose halves have these codes. */
  pair(firstCode: number, secondCode: number, first: unknown, second: unknown): number {
    // Halves below 2²⁵ fit into one number, which is cheaper to look up than a text.
    const name =
      Math.abs(firstCode) < 2 ** 25 && Math.abs(secondCode) < 2 ** 25
        ? firstCode * 2 ** 26 + secondCode
        : `p${firstCode},${secondCode}`;
    let code = this.#pairs.get(name);
    if (code === undefined) {
      code = this.append([first, second]);
      this.#pairs.set(name, code);
    }
    return code;
  }

  append(value: unknown): number {
    return DICTIONARY + this.values.push(value) - 1;
  }

  #number(value: number): number {
    return (value | 0) === value && value < DICTIONARY && value >= -DICTIONARY
      ? value
      : this.#once(`n${value}`, value);
  }

  #once(name: string, value: unknown): number {
    let code = this.#places.get(name);
    if (code === undefined) {
      code = this.append(value);
      this.#places.set(name, code);
    }
    return code;
  }
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/**
 * For each entry of a dictionary the code that stands for all entries equal to it as JSON, so that after
 * `same[code]` equal values have equal codes whatever their shape. `undefined` when codes already say so.
 */
export function sameCodes(values: readonly unknown[]): ((code: number) => number) | undefined {
  if (!values.some((value) => typeof value === 'object' && value !== null)) return undefined;
  const first = new Map<string, number>();
  const same = Int32Array.from(values, (value, place) => {
    if (typeof value !== 'object' || value === null) return DICTIONARY + place;
    const name = canonical(value);
    const known = first.get(name);
    if (known !== undefined) return known;
    first.set(name, DICTIONARY + place);
    return DICTIONARY + place;
  });
  return (code) => (code >= DICTIONARY ? (same[code - DICTIONARY] as number) : code);
}

/** JSON with the fields of objects in one order, so that equal values print alike. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

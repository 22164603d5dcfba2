/**
 * Whole numbers in as few bytes as they need: seven bits a byte, the low ones first, the high bit while more follow.
 * Written by Node, read by the page; numbers up to 2⁵³ survive.
 */
export class VarintWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** A number that is not negative. */
  natural(n: number): void {
    if (this.#length + 10 > this.#bytes.length) {
      const wider = new Uint8Array(this.#bytes.length * 2);
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    let rest = n;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  natural(): number {
    let n = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      n += (byte & 127) * unit;
      if (byte < 128) return n;
    }
  }
}

/** Small numbers of either sign as small numbers: 0, −1, 1, −2, 2 … become 0, 1, 2, 3, 4 …. */
export function zigzag(n: number): number {
  return n < 0 ? -n * 2 - 1 : n * 2;
}

export function unzigzag(n: number): number {
  return n % 2 === 1 ? -(n + 1) / 2 : n / 2;
}

/**
 * A column of whole numbers in two planes: the low byte of each, then what is above it as varints. What is above is mostly
 * the same, and costs next to nothing once deflated; woven into the low bytes, it would spoil them.
 */
export class ColumnWriter {
  readonly #low = new Uint8Array(1 << 16);
  #lows: Uint8Array[] = [];
  #at = 0;
  readonly #above = new VarintWriter();

  natural(n: number): void {
    if (this.#at === this.#low.length) {
      this.#lows.push(this.#low.slice());
      this.#at = 0;
    }
    this.#low[this.#at++] = n % 256;
    this.#above.natural(Math.floor(n / 256));
  }

  bytes(): Uint8Array {
    const parts = [...this.#lows, this.#low.subarray(0, this.#at), this.#above.bytes()];
    const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

export class ColumnReader {
  readonly #low: Uint8Array;
  readonly #above: VarintReader;
  #at = 0;

  constructor(bytes: Uint8Array, length: number) {
    this.#low = bytes.subarray(0, length);
    this.#above = new VarintReader(bytes.subarray(length));
  }

  natural(): number {
    return (this.#low[this.#at++] ?? 0) + 256 * this.#above.natural();
  }
}

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

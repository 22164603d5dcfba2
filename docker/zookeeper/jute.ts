/** What ZooKeeper says on the wire: numbers from the high end, and strings with their length before them. */
export class Writer {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    return this.#add(part);
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(value);
    return this.#add(part);
  }

  bool(value: boolean): this {
    return this.#add(Buffer.from([value ? 1 : 0]));
  }

  bytes(value: Buffer | string): this {
    const part = Buffer.from(value);
    return this.int(part.length).#add(part);
  }

  append(other: Writer): this {
    for (const part of other.#parts) this.#add(part);
    return this;
  }

  /** A message of its own, with its length before it. */
  frame(): Buffer {
    const content = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(content.length);
    return Buffer.concat([length, content]);
  }

  #add(part: Buffer): this {
    this.#parts.push(part);
    return this;
  }
}

/** Reads what a {@link Writer} writes. Throws a RangeError where there is less than there should be. */
export class Reader {
  readonly #content: Buffer;
  #at = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }

  int(): number {
    this.#at += 4;
    return this.#content.readInt32BE(this.#at - 4);
  }

  long(): bigint {
    this.#at += 8;
    return this.#content.readBigInt64BE(this.#at - 8);
  }

  /** Nothing where there is less than nothing of it, as of a node without data. */
  bytes(): Buffer {
    const length = Math.max(0, this.int());
    if (this.#at + length > this.#content.length) throw new RangeError(`${length} bytes are not there`);
    this.#at += length;
    return this.#content.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString();
  }

  list<T>(one: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int()) }, one);
  }
}

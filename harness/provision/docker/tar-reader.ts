/** One thing in an archive. Its content has to be read before the next entry is asked for; what is not read is passed over. */
export interface TarEntry {
  /** As the archive has it: whoever made it may have written anything. */
  readonly path: string;
  /** `link`: a second name of the file at {@link target}. `other`: symbolic links, devices, pipes, and what is yet to be invented. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly target: string;
  readonly mode: number;
  readonly size: number;
  content(): AsyncIterable<Buffer>;
}

const BLOCK = 512;
/** Names and extended headers are kept in memory. No honest one is longer. */
const LONGEST_HEADER = 1 << 20;

/**
 * Reads a tar archive as it comes, in whatever pieces, and holds one piece of it at a time. Knows what the engines and
 * Debian's tar write: ustar, GNU's long names, pax headers. Throws on what is no archive, and on one that ends too soon.
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new Input(archive);
  let said: Partial<Record<'path' | 'linkpath' | 'size', string>> = {};
  for (;;) {
    const header = await input.all(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const type = textAt(header, 156, 1);
    const size = said.size === undefined ? numberAt(header, 124, 12) : Number(said.size);
    if (!Number.isSafeInteger(size) || size < 0)
      throw new Error('it is no tar archive: an entry has no size');
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if ('LKxg'.includes(type) && type !== '') {
      if (size > LONGEST_HEADER) throw new Error(`a header in it says that it is ${size} bytes long`);
      const text = await input.all(size + padding);
      const value = text.subarray(0, size);
      // What `g` says holds for all that follow, and is nothing that is looked at here.
      if (type === 'L') said = { ...said, path: untilNul(value) };
      else if (type === 'K') said = { ...said, linkpath: untilNul(value) };
      else if (type === 'x') said = { ...said, ...paxRecords(value) };
      continue;
    }
    const prefix = textAt(header, 257, 5) === 'ustar' && header[262] === 0 ? textAt(header, 345, 155) : '';
    const name = textAt(header, 0, 100);
    const body = input.next(size);
    yield {
      path: said.path ?? (prefix === '' ? name : `${prefix}/${name}`),
      kind: kinds[type] ?? 'other',
      target: said.linkpath ?? textAt(header, 157, 100),
      mode: numberAt(header, 100, 8),
      size,
      content: () => body.pieces(),
    };
    await body.pass();
    await input.all(padding);
    said = {};
  }
}

const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '5': 'folder',
};

/** Bytes as they are asked for, from pieces as they come. */
class Input {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#pieces = archive[Symbol.asyncIterator]();
  }

  async all(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.next(bytes).pieces()) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The next so many bytes, to be read or passed over. */
  next(bytes: number): { pieces(): AsyncIterable<Buffer>; pass(): Promise<void> } {
    let left = bytes;
    const some = async (): Promise<Buffer> => {
      const piece = await this.#some(left);
      if (piece === undefined) throw new Error('the archive ends too soon');
      left -= piece.length;
      return piece;
    };
    return {
      async *pieces() {
        while (left > 0) yield await some();
      },
      async pass() {
        while (left > 0) await some();
      },
    };
  }

  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done) return undefined;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

/** `LENGTH KEY=VALUE\n`, one after another; the length counts itself, so that a value may hold anything. */
function paxRecords(text: Buffer): Partial<Record<'path' | 'linkpath' | 'size', string>> {
  const found: Record<string, string> = {};
  for (let at = 0; at < text.length;) {
    const [, length = ''] = /^(\d+) /.exec(text.toString('latin1', at, at + 20)) ?? [];
    if (Number(length) <= length.length)
      throw new Error('it is no tar archive: an extended header is malformed');
    const record = text.toString('utf8', at + length.length + 1, at + Number(length) - 1);
    const equals = record.indexOf('=');
    const key = record.slice(0, equals);
    if (key === 'path' || key === 'linkpath' || key === 'size') found[key] = record.slice(equals + 1);
    at += Number(length);
  }
  return found;
}

const textAt = (header: Buffer, from: number, length: number): string =>
  untilNul(header.subarray(from, from + length));

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits; or, from 8 GiB on, a binary number marked by the top bit. */
function numberAt(header: Buffer, from: number, length: number): number {
  if (((header[from] as number) & 0x80) !== 0) return Number(header.readBigUInt64BE(from + length - 8));
  const digits = header.toString('latin1', from, from + length).replaceAll(/[\0 ]/g, '');
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

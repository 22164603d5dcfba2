/**
 * Tar archives, as far as the engine's API needs them: small folders in, logs out. Packing is deterministic (no times,
 * no owners), so that the same files make the same archive.
 */
export interface TarFile {
  /** Relative, with forward slashes; a folder's ends in one. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

const BLOCK = 512;

export function packTar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [
    ...(fits(file.path) ? [] : longName(file.path)),
    header(file.path, file.content.length, file.mode, file.path.endsWith('/') ? '5' : '0'),
    padded(file.content),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** Regular files only; links, devices and folders are left out. */
export function unpackTar(archive: Buffer): TarFile[] {
  const files: TarFile[] = [];
  let longer: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const field = (from: number, length: number): string =>
      archive.toString('utf8', at + from, at + from + length).replace(/\0[^]*$/, '');
    const size = sizeAt(archive, at);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    const type = field(156, 1);
    const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
    if (type === 'L') longer = content.toString('utf8').replace(/\0[^]*$/, '');
    else if (type === 'x') longer = /\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1] ?? longer;
    else {
      const path = longer ?? (prefix ? `${prefix}/${field(0, 100)}` : field(0, 100));
      if (type === '0' || type === '') files.push({ path, content, mode: Number.parseInt(field(100, 8), 8) });
      longer = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const fits = (path: string): boolean => Buffer.byteLength(path) <= 100;

/** GNU's way of saying a name of more than 100 bytes, which every engine reads. */
function longName(path: string): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  return [header('././@LongLink', name.length, 0o644, 'L'), padded(name)];
}

function header(path: string, size: number, mode: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

function sizeAt(archive: Buffer, at: number): number {
  // Sizes of 8 GiB and more are binary, marked by the top bit.
  if (((archive[at + 124] as number) & 0x80) !== 0) return Number(archive.readBigUInt64BE(at + 128));
  return Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** What goes into an archive for the engine: small folders. Packing is deterministic: no times, no owners. */
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

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

import type { Architecture } from './architecture.ts';
import { architectures } from './architectures.ts';

/**
 * The vDSO: a small library that the kernel maps into every process, so that reading a clock needs no system call.
 * Programs find its functions as those of any ELF library, by the dynamic symbol table.
 */
export interface Vdso {
  readonly architecture: Architecture;
  /** Where functions are, by name, from the beginning of the mapping. */
  readonly functions: ReadonlyMap<string, Span>;
  /** What nothing in it uses: it is mapped by whole pages. */
  readonly spare: Span;
  /** The same, and the section headers before it, which tell a debugger about the rest and which no loader reads. */
  readonly withHeaders: Span;
}

export interface Span {
  readonly at: number;
  readonly length: number;
}

/** The image is not what a 64-bit Linux maps: another machine's, or not one at all. */
export class NotAVdso extends Error {
  override readonly name = 'NotAVdso';
}

const header = {
  machine: 0x12,
  segments: 0x20,
  sections: 0x28,
  segmentCount: 0x38,
  sectionSize: 0x3a,
  sectionCount: 0x3c,
};
const segment = { size: 56, load: 1, dynamic: 2, offset: 8, address: 16, inFile: 32 };
const dynamic = { size: 16, hash: 4, strings: 5, symbols: 6 };
const symbol = { size: 24, value: 8, length: 16 };

/** Reads a mapping's bytes. Whatever they are, it ends, and throws a {@link NotAVdso} where they make no sense. */
export function parseVdso(image: Buffer): Vdso {
  const word = (at: number): number => Number(image.readBigUInt64LE(at));
  try {
    if (image.readUInt32BE(0) !== 0x7f454c46 || image[4] !== 2 || image[5] !== 1)
      throw new NotAVdso('not a 64-bit little-endian ELF image');
    const machine = image.readUInt16LE(header.machine);
    const architecture = architectures.find((one) => one.machine === machine);
    if (architecture === undefined)
      throw new NotAVdso(`made for machine ${machine}, and only x64 and arm64 are known`);
    const segments = segmentsOf(image);
    const load = segments.find(({ type }) => type === segment.load);
    const table = segments.find(({ type }) => type === segment.dynamic);
    if (load === undefined || table === undefined) throw new NotAVdso('it has no dynamic symbols');
    // Where the image says that it lies, which the kernel does not ask.
    const base = load.address - load.offset;
    const used = Math.max(...segments.map(({ offset, inFile }) => offset + inFile));
    const sections = word(header.sections);
    const headers =
      sections + image.readUInt16LE(header.sectionSize) * image.readUInt16LE(header.sectionCount);
    return {
      architecture,
      functions: functionsOf(image, table, base),
      spare: tail(image, Math.max(used, headers)),
      withHeaders: tail(image, used),
    };
  } catch (cause) {
    if (cause instanceof RangeError) throw new NotAVdso(`cut short: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The image without its section headers: they may be written over once nothing points to them. */
export function withoutSections(image: Buffer): Buffer {
  const bytes = Buffer.from(image.subarray(0, 64));
  bytes.fill(0, header.sections, header.sections + 8);
  bytes.fill(0, header.sectionCount, 64);
  return bytes;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly inFile: number;
}

function segmentsOf(image: Buffer): readonly Segment[] {
  const word = (at: number): number => Number(image.readBigUInt64LE(at));
  const first = word(header.segments);
  return Array.from({ length: image.readUInt16LE(header.segmentCount) }, (_, i) => {
    const at = first + i * segment.size;
    return {
      type: image.readUInt32LE(at),
      offset: word(at + segment.offset),
      address: word(at + segment.address),
      inFile: word(at + segment.inFile),
    };
  });
}

function functionsOf(image: Buffer, table: Segment, base: number): ReadonlyMap<string, Span> {
  const word = (at: number): number => Number(image.readBigUInt64LE(at));
  const entries = new Map<number, number>();
  for (let at = table.offset; at < table.offset + table.inFile && word(at) !== 0; at += dynamic.size)
    entries.set(word(at), word(at + 8) - base);
  const [symbols, strings, hash] = [dynamic.symbols, dynamic.strings, dynamic.hash].map((tag) =>
    entries.get(tag),
  );
  if (symbols === undefined || strings === undefined) throw new NotAVdso('it has no symbol table');
  // Newer images have no plain hash table, which would say how many symbols there are; the names follow the symbols.
  const count =
    hash === undefined ? Math.floor((strings - symbols) / symbol.size) : image.readUInt32LE(hash + 4);
  const functions = new Map<string, Span>();
  for (let i = 1; i < count; i++) {
    const at = symbols + i * symbol.size;
    const from = strings + image.readUInt32LE(at);
    const name = image.toString('latin1', from, image.indexOf(0, from));
    const span = { at: word(at + symbol.value) - base, length: word(at + symbol.length) };
    if (span.length > 0 && span.at > 0 && span.at + span.length <= image.length) functions.set(name, span);
  }
  return functions;
}

function tail(image: Buffer, used: number): Span {
  if (!(used > 0 && used <= image.length))
    throw new NotAVdso(`${used} of its ${image.length} bytes are used`);
  const at = Math.ceil(used / 16) * 16;
  return { at, length: Math.max(0, image.length - at) };
}

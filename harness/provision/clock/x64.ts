import type { Architecture } from './architecture.ts';
import { built } from './stub/bytes.ts';

const { at, code } = built.x64;
const JUMP = 5;

export const x64: Architecture = {
  name: 'x64',
  machine: 0x3e,
  stub: Buffer.from(code.join(''), 'base64'),
  places: at,
  entries: [
    { name: '__vdso_clock_gettime', to: at.fakeClockGettime },
    { name: '__vdso_gettimeofday', to: at.fakeGettimeofday },
    { name: '__vdso_time', to: at.fakeTime },
  ],
  divert(image, from, to) {
    // A landing pad for indirect calls stays where it is.
    const at = startsWith(image, from, 'f30f1efa') ? from + 4 : from;
    return { at, bytes: jump(at, to), moved: (elsewhere) => moved(image, at, elsewhere) };
  },
};

function jump(at: number, to: number): Buffer {
  const bytes = Buffer.alloc(JUMP, 0xe9);
  bytes.writeInt32LE(to - (at + JUMP), 1);
  return bytes;
}

/** Whole instructions until there is room for a jump. */
function moved(image: Buffer, from: number, to: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  let length = 0;
  while (length < JUMP) {
    const instruction = lengthOf(image, from + length);
    if (instruction === undefined) return undefined;
    const bytes = Buffer.from(image.subarray(from + length, from + length + instruction.length));
    if (instruction.displacement !== undefined) {
      // It names a place by its distance, which is another from there.
      const displacement = bytes.readInt32LE(instruction.displacement) + from - to;
      if (displacement !== (displacement | 0)) return undefined;
      bytes.writeInt32LE(displacement, instruction.displacement);
    }
    pieces.push(bytes);
    length += bytes.length;
  }
  return Buffer.concat([...pieces, jump(to + length, from + length)]);
}

/** The few instructions that compilers begin these functions with. */
function lengthOf(
  image: Buffer,
  at: number,
): { readonly length: number; readonly displacement?: number } | undefined {
  const prefix = (image[at] as number) >> 4 === 4 ? 1 : 0;
  const wide = prefix === 1 && (((image[at] as number) >> 3) & 1) === 1;
  const [operation = 0, operands = 0] = image.subarray(at + prefix);
  const registers = operands >= 0xc0;
  if (operation >= 0x50 && operation <= 0x57) return { length: prefix + 1 }; // push
  if (operation >= 0xb8 && operation <= 0xbf) return { length: prefix + (wide ? 9 : 5) }; // mov register, number
  if (operation === 0x8d && (operands & 0xc7) === 5) return { length: prefix + 6, displacement: prefix + 2 }; // lea
  if (!registers) return undefined;
  if (operation === 0x83) return { length: prefix + 3 }; // add, cmp … register, small number
  if (operation === 0x81) return { length: prefix + 6 };
  // add, or, and, sub, xor, cmp, test, mov between registers
  if ((operation < 0x40 && [1, 3].includes(operation & 7)) || [0x85, 0x89, 0x8b].includes(operation))
    return { length: prefix + 2 };
  return undefined;
}

function startsWith(image: Buffer, at: number, hex: string): boolean {
  return image.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, 'hex'));
}

import type { Architecture } from './architecture.ts';
import { built } from './stub/bytes.ts';

const { at, code } = built.arm64;
const BTI_C = 0xd503245f;
const PACIASP = 0xd503233f;

/** Written from the manual and tested by its encodings, and the stub itself under an emulator; never yet run on a real machine. */
export const arm64: Architecture = {
  name: 'arm64',
  machine: 0xb7,
  stub: Buffer.from(code.join(''), 'base64'),
  places: at,
  // There is no time() in it: the C library asks clock_gettime.
  entries: [
    { name: '__kernel_clock_gettime', to: at.fakeClockGettime },
    { name: '__kernel_gettimeofday', to: at.fakeGettimeofday },
  ],
  divert(image, from, to) {
    const first = image.readUInt32LE(from);
    // Where branch targets are guarded, a function has to begin with a landing pad: one that is there stays, and one that
    // also signs the return address, which the stub would not undo, is replaced by a plain one.
    const landing = (first & 0xffffff3f) >>> 0 === 0xd503241f;
    const signing = first === PACIASP;
    const at = landing ? from + 4 : from;
    const bytes = signing ? words(BTI_C, branch(at + 4, to)) : words(branch(at, to));
    return {
      at,
      bytes,
      moved(elsewhere) {
        const old = Array.from({ length: bytes.length / 4 }, (_, i) => image.readUInt32LE(at + 4 * i));
        if (old.some(relative)) return undefined;
        return words(...old, branch(elsewhere + bytes.length, at + bytes.length));
      },
    };
  },
};

function branch(at: number, to: number): number {
  return (0x14000000 | (((to - at) >> 2) & 0x3ffffff)) >>> 0;
}

/** Whether it means something else in another place: branches of every kind, addresses, loads from near by. */
function relative(word: number): boolean {
  const branches = ((word >>> 26) & 0x7) === 0b101; // 1xx101: branches, exceptions and system calls
  const addresses = ((word >>> 24) & 0x1f) === 0b10000;
  const literals = ((word >>> 24) & 0x3b) === 0b011000;
  // Hints are in the same group as branches, and mean the same everywhere.
  return (branches && (word & 0xfffff01f) >>> 0 !== 0xd503201f) || addresses || literals;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  return bytes;
}

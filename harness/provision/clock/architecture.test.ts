import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arm64 } from './arm64.ts';
import { x64 } from './x64.ts';

/** A function in the middle of nowhere that begins with these instructions. */
function imageWith(hex: string, at: number): Buffer {
  const image = Buffer.alloc(8192, 0x90);
  Buffer.from(hex.replaceAll(' ', ''), 'hex').copy(image, at);
  return image;
}

const place = fc.integer({ min: 8, max: 500 }).map((n) => n * 16);

describe('x64', () => {
  test('a function is made to begin with a jump to where it should go', () => {
    fc.assert(
      fc.property(place, place, (from, to) => {
        const { at, bytes } = x64.divert(imageWith('55 4889e5', from), from, to);
        expect([at, bytes[0], at + 5 + bytes.readInt32LE(1)]).toEqual([from, 0xe9, to]);
      }),
    );
  });

  test.each([
    // As gcc and clang begin the kernel's functions: what, how many bytes move, what becomes of them.
    ['55 4889e5 4156 53 4883e4f0', '55 4889e5 4156'],
    ['4883ec18 4989f8', '4883ec18 4989f8'],
    ['f30f1efa 55 4889e5 4157', '55 4889e5 4157'],
    ['83ff17 7705', undefined],
    ['83ff17 4889f0', '83ff17 4889f0'],
    ['b801000000 89f9', 'b801000000'],
    ['48b80102030405060708 90', '48b80102030405060708'],
    ['81ff17000000', '81ff17000000'],
    ['31c0 85ff 4885f6', '31c0 85ff 4885f6'],
    ['4155 4154 55', '4155 4154 55'],
    ['488b07 90', undefined],
    ['e801000000', undefined],
    ['813d3a95ffffffffff7f', undefined],
  ])('%s: of its instructions, %s can run elsewhere', (code, whole) => {
    const { at, moved } = x64.divert(imageWith(code, 2048), 2048, 4096);
    const bytes = moved(6000);
    const length = (whole?.replaceAll(' ', '').length ?? 0) / 2;
    expect(bytes?.subarray(0, length).toString('hex')).toBe(whole?.replaceAll(' ', ''));
    if (bytes) expect(6000 + length + 5 + bytes.readInt32LE(length + 1)).toBe(at + length);
  });

  test('an address that is given by its distance stays the same address', () => {
    fc.assert(
      fc.property(place, place, fc.integer({ min: -30_000, max: 30_000 }), (from, to, distance) => {
        const lea = Buffer.from('4c8d1500000000', 'hex');
        lea.writeInt32LE(distance, 3);
        const moved = x64.divert(imageWith(lea.toString('hex'), from), from, 4096).moved(to);
        expect(to + 7 + (moved?.readInt32LE(3) ?? 0)).toBe(from + 7 + distance);
      }),
    );
  });
});

describe('arm64', () => {
  const word = (value: number): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return bytes.toString('hex');
  };
  const branchTarget = (at: number, instruction: number): number => {
    expect(instruction >>> 26).toBe(0b000101);
    return at + 4 * ((instruction << 6) >> 6);
  };
  const cmp = 0x71003c1f;
  const paciasp = 0xd503233f;
  const btiC = 0xd503245f;

  test('a function is made to begin with a branch to where it should go', () => {
    fc.assert(
      fc.property(place, place, (from, to) => {
        const { at, bytes } = arm64.divert(imageWith(word(cmp), from), from, to);
        expect([at, bytes.length, branchTarget(at, bytes.readUInt32LE(0))]).toEqual([from, 4, to]);
      }),
    );
  });

  test('a landing pad stays, and one that signs the return address is replaced by one that does not', () => {
    const landed = arm64.divert(imageWith(word(btiC) + word(cmp), 1024), 1024, 2048);
    expect([landed.at, branchTarget(1028, landed.bytes.readUInt32LE(0))]).toEqual([1028, 2048]);
    const signed = arm64.divert(imageWith(word(paciasp) + word(cmp), 1024), 1024, 2048);
    expect([
      signed.at,
      signed.bytes.readUInt32LE(0),
      branchTarget(1028, signed.bytes.readUInt32LE(4)),
    ]).toEqual([1024, btiC, 2048]);
    const moved = signed.moved(3000) as Buffer;
    expect([moved.readUInt32LE(0), moved.readUInt32LE(4)]).toEqual([paciasp, cmp]);
    expect(branchTarget(3008, moved.readUInt32LE(8))).toBe(1032);
  });

  test.each([
    ['cmp w0, #15', cmp, true],
    ['stp x29, x30, [sp, #-48]!', 0xa9bd7bfd, true],
    ['mov x29, sp', 0x910003fd, true],
    ['b.hi .+0x80', 0x540005e8, false],
    ['cbz x0, .+0xa0', 0xb4000500, false],
    ['tbnz w5, #0, .+0xd4', 0x370006a5, false],
    ['adr x3, .-0x2574', 0x10fed483, false],
    ['adrp x0, .', 0x90000000, false],
    ['ldr x0, .+0x1c', 0x580000e0, false],
    ['bl .+0x60', 0x94000018, false],
    ['svc #0', 0xd4000001, false],
    ['paciasp', paciasp, true],
  ])('%s can run elsewhere: %3$s', (_, instruction, can) => {
    const image = imageWith(word(btiC) + word(instruction), 1024);
    const moved = arm64.divert(image, 1024, 2048).moved(3000);
    expect(moved !== undefined).toBe(can);
    if (moved) expect(branchTarget(3004, moved.readUInt32LE(4))).toBe(1032);
  });
});
